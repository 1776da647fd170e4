/** The compute API's service routes, and the registrations of compute services (compute-api §3.1, §3.2). */
import { Type } from "typebox";
import { anyone, anyToken, computeGet, computePost } from "../declare-route.ts";
import { AnyJson, ComputeManagerIdText, ComputeServiceIdText, Empty, Nothing, ScopeText } from "../wire-types.ts";
import { LoginForm, Token } from "./token.ts";

const Versions = Type.Record(Type.String(), Type.String({ maxLength: 255 }), { maxProperties: 100 });
const ofService = { permission: anyToken, params: { service: ComputeServiceIdText } };

export const computeServiceRoutes = {
  ping: computeGet({
    path: "/ping",
    summary: "Says that the server is there",
    permission: anyone,
    reply: Type.Object({ api: Type.String() }),
  }),
  token: computePost({
    path: "/token",
    summary: "Exchanges identifier and key of a compute identity for a token",
    permission: anyone,
    body: LoginForm,
    bodyKind: "form",
    reply: Token,
  }),
  info: computeGet({ path: "/info", summary: "About this server", permission: anyToken, reply: AnyJson }),
  check: computeGet({ path: "/check", summary: "Probes state store and object store", permission: anyToken, reply: Nothing }),
  identityScopes: computeGet({
    path: "/identities/:identity/scopes",
    summary: "The scopes of a compute identity, as they are now",
    permission: anyToken,
    params: { identity: Type.String() },
    reply: Type.Array(ScopeText),
  }),
  registerService: computePost({
    path: "/computeservice/:service/register",
    summary: "Registers a compute service",
    ...ofService,
    body: Type.Object({
      compute_manager_id: Type.Optional(Type.Union([ComputeManagerIdText, Type.Null()])),
      /** The machine that it runs on; Python services do not say. */
      host: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()], { "x-ours": true })),
      /** Of what runs it, by name. */
      versions: Type.Optional(Type.Union([Versions, Type.Null()], { "x-ours": true })),
    }),
    reply: ComputeServiceIdText,
  }),
  deregisterService: computePost({
    path: "/computeservice/:service/deregister",
    summary: "Ends a compute service; the tasks that it held wait again",
    ...ofService,
    body: Empty,
    reply: ComputeServiceIdText,
  }),
  heartbeat: computePost({
    path: "/computeservice/:service/heartbeat",
    summary: "Says that a compute service is alive",
    ...ofService,
    body: Empty,
    reply: ComputeServiceIdText,
  }),
} as const;
