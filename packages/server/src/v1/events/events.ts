/** `GET /v1/tasks/{task}/events` and `GET /v1/networks/{network}/events`: a page of history, or a stream that goes on. */
import type { QueryOf, ReplyOf, ScopedKey, userRoutes } from "@alchemiscale/contract";
import type { Event } from "@alchemiscale/statestore";
import type { Call, Handler } from "../../transport/handler.ts";
import { HttpError } from "../../transport/http-error.ts";
import { notFound } from "../../transport/problem.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";
import { requireNetwork, requireTask } from "../require-class.ts";
import { tokenExpiry } from "../token-expiry.ts";
import { eventStream } from "./event-stream.ts";
import { eventFacts } from "./event-text.ts";

type Page = ReplyOf<typeof userRoutes.taskEvents>;
type EventCall = Pick<Call<typeof userRoutes.taskEvents>, "context" | "request" | "response"> & {
  readonly query: QueryOf<typeof userRoutes.taskEvents>;
};

const defaultLimit = 1000;
/** A watcher who takes nothing for so long is cut off; he takes the stream up again where he stood. */
const slowMs = 60_000;

export const taskEvents: Handler<typeof userRoutes.taskEvents> = async (call) => {
  const { task } = call.params;
  requireTask(task);
  return reply(call, task, (after, limit) => call.context.stateStore.events.ofTask(task, after, limit));
};

export const networkEvents: Handler<typeof userRoutes.networkEvents> = async (call) => {
  const { network } = call.params;
  requireNetwork(network);
  return reply(call, network, (after, limit) => call.context.stateStore.events.ofNetwork(network, after, limit));
};

async function reply(
  call: EventCall,
  key: ScopedKey,
  read: (after: number, limit: number) => Promise<Event[]>,
): Promise<Page | StreamedReply> {
  if (!(await call.context.stateStore.objects.exists(key))) throw notFound(key);
  if (call.request.headers.accept?.includes("text/event-stream")) return stream(call, key);
  const limit = call.query.limit ?? defaultLimit;
  const events = await read(Number(call.query.after ?? 0), limit);
  return { events: events.map(eventFacts), next: events.length < limit ? null : String(events.at(-1)?.id) };
}

async function stream({ context, query, request, response }: EventCall, key: ScopedKey): Promise<StreamedReply> {
  const last = request.headers["last-event-id"] ?? query.after;
  if (last !== undefined && !/^[0-9]{1,15}$/.test(String(last))) {
    throw new HttpError(
      422,
      `Last-Event-ID must be the id of an event that this server sent, and is '${String(last).slice(0, 40)}'`,
    );
  }
  const { tail, leave } = await context.live.tails.watch(key);
  const gone = new AbortController();
  const left = (): void => {
    gone.abort();
    leave();
  };
  if (response.closed || request.socket.destroyed) left();
  else response.once("close", left);
  request.socket.setTimeout(slowMs);
  const ends = [gone.signal, context.closing, ...tokenExpiry(request.headers.authorization)];
  return new StreamedReply(
    "text/event-stream",
    eventStream(tail, last === undefined ? null : Number(last), AbortSignal.any(ends)),
    {
      // The connection ends with the stream, so that a server that stops need not wait for it.
      headers: { "cache-control": "no-store", "x-accel-buffering": "no", connection: "close" },
    },
  );
}
