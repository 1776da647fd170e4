/** The compute API's routes for compute managers (compute-api §3.5). */
import { Type } from "typebox";
import { anyToken, computePost, scopesQueried } from "../declare-route.ts";
import { ComputeManagerIdText, ComputeServiceIdText, Empty, Nothing, ScopeObject } from "../wire-types.ts";

const manager = { manager: ComputeManagerIdText };

export const computeManagerRoutes = {
  registerManager: computePost({
    path: "/computemanager/:manager/register",
    summary: "Registers a compute manager",
    permission: anyToken,
    params: manager,
    body: Type.Object({ steal: Type.Optional(Type.Boolean()) }),
    reply: ComputeManagerIdText,
  }),
  deregisterManager: computePost({
    path: "/computemanager/:manager/deregister",
    summary: "Ends a compute manager, unless it is in error",
    permission: anyToken,
    params: manager,
    body: Empty,
    reply: ComputeManagerIdText,
  }),
  managerInstruction: computePost({
    path: "/computemanager/:manager/instruction",
    summary: "Tells a compute manager what to do next",
    permission: scopesQueried,
    params: manager,
    body: Type.Object({
      scopes: Type.Optional(Type.Union([Type.Array(ScopeObject), Type.Null()])),
      protocols: Type.Optional(Type.Union([Type.Array(Type.String({ pattern: "^[a-zA-Z][a-zA-Z0-9_]*$" })), Type.Null()])),
    }),
    reply: Type.Union([
      Type.Object({
        instruction: Type.Literal("OK"),
        compute_service_ids: Type.Array(ComputeServiceIdText),
        num_tasks: Type.Integer(),
      }),
      Type.Object({ instruction: Type.Literal("SKIP"), compute_service_ids: Type.Array(ComputeServiceIdText) }),
      Type.Object({ instruction: Type.Literal("SHUTDOWN"), message: Type.String() }),
    ]),
  }),
  managerStatus: computePost({
    path: "/computemanager/:manager/status",
    summary: "Reports how a compute manager is",
    permission: anyToken,
    params: manager,
    body: Type.Object({
      status: Type.String(),
      detail: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      saturation: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    }),
    reply: ComputeManagerIdText,
  }),
  clearManagerError: computePost({
    path: "/computemanager/:name/clear_error",
    summary: "Removes the registration of a compute manager that is in error",
    permission: anyToken,
    params: { name: Type.String() },
    body: Empty,
    reply: Nothing,
  }),
} as const;
