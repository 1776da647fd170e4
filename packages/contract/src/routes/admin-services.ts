/** Our own routes for administrators, on the user API's port: the compute services that are registered. */
import { Type } from "typebox";
import { adminsOnly, userGet, userPost } from "../declare-route.ts";
import { ComputeServiceIdText, Empty, ScopedKeyText } from "../wire-types.ts";

export const adminServiceRoutes = {
  listServices: userGet({
    path: "/v1/admin/services",
    summary: "The compute services that are registered",
    permission: adminsOnly,
    reply: Type.Object({
      services: Type.Array(
        Type.Object({
          service: ComputeServiceIdText,
          /** The compute identity that registered it. */
          identity: Type.Union([Type.String(), Type.Null()]),
          manager: Type.Union([Type.String(), Type.Null()]),
          /** The machine that it runs on, and versions of what runs it by name; null where it does not say (Python services). */
          host: Type.Union([Type.String(), Type.Null()]),
          versions: Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()]),
          registered: Type.String(),
          heartbeat: Type.String(),
          /** Tasks that it holds. */
          claims: Type.Integer(),
        }),
      ),
    }),
    errors: "problem",
  }),
  listFailures: userGet({
    path: "/v1/admin/failures",
    summary: "Failures of compute services, the newest first; a page at a time",
    description: "Kept when a registration ends, whether they count against a service or not.",
    permission: adminsOnly,
    query: {
      /** Of this name alone. */
      name: Type.Optional(Type.String()),
      /** `next` of the page before. */
      before: Type.Optional(Type.Integer()),
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
    },
    reply: Type.Object({
      failures: Type.Array(
        Type.Object({
          at: Type.String(),
          service: Type.String({ description: "As it posted" }),
          name: Type.String({ description: "Of its manager, else its own without the UUID" }),
          identity: Type.Union([Type.String(), Type.Null()], { description: "That registered it; null where unknown" }),
          host: Type.Union([Type.String(), Type.Null()], { description: "Null where it does not say" }),
          task: ScopedKeyText,
        }),
      ),
      next: Type.Union([Type.Integer(), Type.Null()]),
    }),
    errors: "problem",
  }),
  endService: userPost({
    path: "/v1/admin/services/:service/deregister",
    summary: "Ends the registration of a compute service; the tasks that it held wait again",
    permission: adminsOnly,
    params: { service: ComputeServiceIdText },
    body: Empty,
    reply: Type.Object({ service: ComputeServiceIdText }),
    errors: "problem",
  }),
} as const;
