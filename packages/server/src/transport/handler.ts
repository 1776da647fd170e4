/** What a handler gets and gives back; the types come from the route's declaration. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { BodyOf, ParamsOf, QueryOf, ReplyOf, Route } from "@alchemiscale/contract";
import type { Caller } from "../auth/tokens.ts";
import type { ServerContext } from "../server-context.ts";
import type { JsonStream } from "./json-reply.ts";
import type { StreamedReply } from "./streamed-reply.ts";

/** One request, read and allowed as the route declares. */
export interface Call<R extends Route> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  /** Undefined where the handler reads the body from `request` itself. */
  readonly body: R["bodyKind"] extends "chain" | "stream" | "form" ? undefined : BodyOf<R>;
  /** Nobody, with no scopes, on routes without a token. */
  readonly caller: Caller;
  readonly context: ServerContext;
  readonly request: IncomingMessage;
  /** To know whether it could be sent; it is written elsewhere. */
  readonly response: ServerResponse;
}

export type Handler<R extends Route> = (call: Call<R>) => Promise<ReplyOf<R> | JsonStream | StreamedReply>;

/** A handler for every declared route: one that is forgotten does not compile. */
export type Handlers<Routes extends Readonly<Record<string, Route>>> = { readonly [Name in keyof Routes]: Handler<Routes[Name]> };
