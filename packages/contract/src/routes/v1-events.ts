/** Our own routes for the event log: what happened to a Task or in a network, page by page, or as it happens. */
import { Type } from "typebox";
import { networkParam, pathKeys, taskParam, userGet } from "../declare-route.ts";
import { ScopedKeyText } from "../wire-types.ts";
import { afterCursor, Cursor, pageLimit } from "./v1-cursor.ts";

const textOrNull = Type.Union([Type.String(), Type.Null()]);

/** One change. */
const EventFacts = Type.Object({
  /** Where to go on after it. */
  id: Cursor,
  /** ISO 8601, UTC, microseconds. */
  at: Type.String(),
  kind: Type.String({ examples: ["status"] }),
  task: Type.Union([ScopedKeyText, Type.Null()]),
  network: Type.Union([ScopedKeyText, Type.Null()]),
  from: textOrNull,
  to: textOrNull,
  identity: textOrNull,
  service: textOrNull,
  strategy: textOrNull,
  reason: textOrNull,
});

const events = {
  description:
    "Oldest first. With `Accept: text/event-stream` a stream of server-sent events that goes on with what happens: with `after` or `Last-Event-ID`, " +
    "after that event, else from now on.",
  query: { ...afterCursor, ...pageLimit },
  headers: Type.Object({
    accept: Type.Optional(Type.String({ examples: ["text/event-stream"] })),
    "last-event-id": Type.Optional(Cursor),
  }),
  reply: Type.Object({
    events: Type.Array(EventFacts),
    /** `after` of the next page; null: no more for now. */
    next: Type.Union([Cursor, Type.Null()]),
  }),
  media: ["application/json", "text/event-stream"],
  errors: "problem",
} as const;

export const v1EventRoutes = {
  taskEvents: userGet({
    path: "/v1/tasks/:task/events",
    summary: "What happened to a task",
    permission: pathKeys("task"),
    params: taskParam,
    ...events,
  }),
  networkEvents: userGet({
    path: "/v1/networks/:network/events",
    summary: "What happened in a network, and to its tasks",
    permission: pathKeys("network"),
    params: networkParam,
    ...events,
  }),
} as const;
