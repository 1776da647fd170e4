/** The user API's routes for restart patterns (user-api §5.7). */
import { Type } from "typebox";
import { bodyKeys, networkParam, pathKeys, userGet, userPost } from "../declare-route.ts";
import { Nothing, ScopedKeyInBody, ScopedKeys } from "../wire-types.ts";

const ofNetwork = { permission: pathKeys("network"), params: networkParam };
const patterns = Type.Array(Type.String({ minLength: 1 }));

export const userRestartRoutes = {
  addRestartPatterns: userPost({
    path: "/networks/:network/restartpatterns/add",
    summary: "Adds patterns of failures after which tasks are tried again",
    ...ofNetwork,
    body: Type.Object({ patterns, num_allowed_restarts: Type.Integer({ minimum: 1 }) }),
    reply: Nothing,
  }),
  removeRestartPatterns: userPost({
    path: "/networks/:network/restartpatterns/remove",
    summary: "Removes restart patterns",
    ...ofNetwork,
    body: Type.Object({ patterns: Type.Array(Type.String()) }),
    reply: Nothing,
  }),
  clearRestartPatterns: userGet({
    path: "/networks/:network/restartpatterns/clear",
    summary: "Removes all restart patterns of a network",
    ...ofNetwork,
    reply: ScopedKeys,
  }),
  setMaxRetries: userPost({
    path: "/networks/:network/restartpatterns/maxretries",
    summary: "Changes how often restart patterns restart a task",
    ...ofNetwork,
    body: Type.Object({ patterns: Type.Array(Type.String()), max_retries: Type.Integer({ minimum: 1 }) }),
    reply: Nothing,
  }),
  getRestartPatterns: userPost({
    path: "/bulk/networks/restartpatterns/get",
    summary: "The restart patterns of each network",
    permission: bodyKeys("networks"),
    body: Type.Object({ networks: Type.Array(ScopedKeyInBody) }),
    reply: Type.Record(Type.String(), Type.Array(Type.Tuple([Type.String(), Type.Integer()]))),
  }),
} as const;
