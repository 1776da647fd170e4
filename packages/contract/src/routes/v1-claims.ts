/** Our own claim: it waits until there is something to do. */
import { Type } from "typebox";
import { computePost, scopesQueried } from "../declare-route.ts";
import { ComputeServiceIdText, ProtocolNames, ScopedKeys, ScopeObject } from "../wire-types.ts";

export const v1ClaimRoutes = {
  waitingClaim: computePost({
    path: "/v1/claim",
    summary: "Claims tasks of any hub in some scopes, and waits for some where there are none",
    description:
      "Answers as soon as at least one task can be claimed, else with an empty list after `wait` seconds. `denied`: the service has failed too often " +
      "of late, and should ask again much later. Tasks whose reply cannot be written, because the service went away, wait again.",
    permission: scopesQueried,
    body: Type.Object({
      scopes: Type.Array(ScopeObject),
      scopes_exclude: Type.Optional(Type.Union([Type.Array(ScopeObject), Type.Null()])),
      compute_service_id: ComputeServiceIdText,
      count: Type.Integer({ minimum: 1 }),
      protocols: Type.Optional(Type.Union([ProtocolNames, Type.Null()])),
      /** Seconds. */
      wait: Type.Optional(Type.Number({ minimum: 0, maximum: 60, default: 0 })),
    }),
    reply: Type.Object({ tasks: ScopedKeys, denied: Type.Boolean() }),
    errors: "problem",
  }),
} as const;
