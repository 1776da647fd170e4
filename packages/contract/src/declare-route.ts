/** Builds route declarations: what most routes share is filled in, the permission never is. */
import { type TObject, type TSchema, Type } from "typebox";
import type { Api, BodyKind, Method, Permission, Route } from "./route.ts";
import { ScopedKeyText } from "./wire-types.ts";

type None = Record<never, TSchema>;

interface Declaration<
  Params extends Record<string, TSchema>,
  Query extends Record<string, TSchema>,
  Body extends TSchema | null,
  Reply extends TSchema,
  Kind extends BodyKind,
> {
  readonly path: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** `json` where there is a body and nothing else is said. */
  readonly bodyKind?: Kind;
  readonly reply: Reply;
  readonly errors?: "detail" | "problem";
  readonly description?: string;
  readonly headers?: TObject;
  /** `application/json` where nothing else is said. */
  readonly media?: readonly string[];
}

interface DeclaredRoute<
  Params extends Record<string, TSchema>,
  Query extends Record<string, TSchema>,
  Body extends TSchema | null,
  Reply extends TSchema,
  Kind extends BodyKind,
> extends Route {
  readonly params: TObject<Params>;
  readonly query: TObject<Query>;
  readonly bodyKind: Kind;
  readonly body: Body;
  readonly reply: Reply;
}

function declarer(api: Api, method: Method) {
  return <
    Reply extends TSchema,
    Params extends Record<string, TSchema> = None,
    Query extends Record<string, TSchema> = None,
    Body extends TSchema | null = null,
    Kind extends BodyKind = BodyKind,
  >(
    declaration: Declaration<Params, Query, Body, Reply, Kind>,
  ): DeclaredRoute<Params, Query, Body, Reply, Kind> => ({
    api,
    method,
    path: declaration.path,
    summary: declaration.summary,
    permission: declaration.permission,
    params: Type.Object((declaration.params ?? {}) as Params),
    query: Type.Object((declaration.query ?? {}) as Query),
    body: (declaration.body ?? null) as Body,
    bodyKind: declaration.bodyKind ?? ((declaration.body == null ? "none" : "json") as Kind),
    reply: declaration.reply,
    errors: declaration.errors ?? "detail",
    description: declaration.description ?? null,
    headers: declaration.headers ?? Type.Object({}),
    media: declaration.media ?? ["application/json"],
  });
}

export const userGet = declarer("user", "GET");
export const userPost = declarer("user", "POST");
export const userPut = declarer("user", "PUT");
export const userDelete = declarer("user", "DELETE");
export const computeGet = declarer("compute", "GET");
export const computePost = declarer("compute", "POST");

export const anyone: Permission = { kind: "none" };
export const anyToken: Permission = { kind: "token" };
export const scopesQueried: Permission = { kind: "scopes-queried" };
export const adminsOnly: Permission = { kind: "admin" };

export function pathKeys(...params: string[]): Permission {
  return { kind: "path-keys", params };
}

export function bodyKeys(member: string): Permission {
  return { kind: "body-keys", member };
}

export function bodyKeysOrNull(member: string): Permission {
  return { kind: "body-keys-or-null", member };
}

export function bodyScope(member: string): Permission {
  return { kind: "body-scope", member };
}

/** Path parameters that most routes have one of. */
export const networkParam = { network: ScopedKeyText };
export const transformationParam = { transformation: ScopedKeyText };
export const chemicalSystemParam = { chemicalsystem: ScopedKeyText };
export const taskParam = { task: ScopedKeyText };
