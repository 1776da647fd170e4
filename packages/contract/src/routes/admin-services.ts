/** Our own routes for administrators, on the user API's port: the compute services that are registered. */
import { Type } from "typebox";
import { adminsOnly, userGet, userPost } from "../declare-route.ts";
import { ComputeServiceIdText, Empty } from "../wire-types.ts";

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
          registered: Type.String(),
          heartbeat: Type.String(),
          /** Tasks that it holds. */
          claims: Type.Integer(),
        }),
      ),
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
