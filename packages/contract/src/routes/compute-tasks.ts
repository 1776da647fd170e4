/** The compute API's routes for hubs, claims, tasks and results (compute-api §3.3, §3.4). */
import { Type } from "typebox";
import { computeGet, computePost, pathKeys, scopesQueried, taskParam } from "../declare-route.ts";
import {
  AnyJson,
  ComputeServiceIdText,
  PostedResult,
  ProtocolNames,
  ScopedKeys,
  ScopedKeysOrNulls,
  ScopedKeyText,
  ScopeObject,
  scopeQuery,
} from "../wire-types.ts";
import { Provenance } from "./v1-result-companions.ts";

const ofTask = { permission: pathKeys("task"), params: taskParam };
const protocols = Type.Optional(Type.Union([ProtocolNames, Type.Null()]));

export const computeTaskRoutes = {
  queryTaskHubs: computeGet({
    path: "/taskhubs",
    summary: "The hubs in some scopes; with `return_gufe`, each as a JSON text",
    permission: scopesQueried,
    query: { return_gufe: Type.Optional(Type.Boolean()), ...scopeQuery },
    reply: Type.Union([ScopedKeys, Type.Record(Type.String(), Type.String())]),
  }),
  claimHubTasks: computePost({
    path: "/taskhubs/:hub/claim",
    summary: "Claims tasks of one hub",
    permission: pathKeys("hub"),
    params: { hub: ScopedKeyText },
    body: Type.Object({ compute_service_id: ComputeServiceIdText, count: Type.Integer(), protocols }),
    reply: ScopedKeysOrNulls,
  }),
  claim: computePost({
    path: "/claim",
    summary: "Claims tasks of any hub in some scopes; null when the service has failed too often of late",
    permission: scopesQueried,
    body: Type.Object({
      scopes: Type.Array(ScopeObject),
      scopes_exclude: Type.Optional(Type.Union([Type.Array(ScopeObject), Type.Null()])),
      compute_service_id: ComputeServiceIdText,
      count: Type.Integer(),
      protocols,
    }),
    reply: Type.Union([ScopedKeysOrNulls, Type.Null()]),
  }),
  taskTransformation: computeGet({
    path: "/tasks/:task/transformation",
    summary: "The transformation that a task performs",
    ...ofTask,
    reply: ScopedKeyText,
  }),
  taskTransformationContent: computeGet({
    path: "/tasks/:task/transformation/gufe",
    summary: "All that a service needs to execute a task: the transformation, and the result that it extends or null",
    ...ofTask,
    query: { form: Type.Optional(Type.String()) },
    reply: AnyJson,
  }),
  postResult: computePost({
    path: "/tasks/:task/results",
    summary: "Delivers the result of a task",
    description:
      "With the member `provenance`, which Python servers ignore, says where and how it was computed. The reply then has that member, too: whether it is kept. A result is taken whatever is wrong with its provenance.",
    ...ofTask,
    body: Type.Object({ protocoldagresult: AnyJson, compute_service_id: Type.String(), provenance: Type.Optional(Provenance) }),
    bodyKind: "stream",
    reply: PostedResult,
  }),
  reportTaskFailure: computePost({
    path: "/v1/tasks/:task/failure",
    summary: "Reports a task for which no ProtocolDAG could be made; counts against the service and ends in `error`",
    ...ofTask,
    body: Type.Object({
      compute_service_id: ComputeServiceIdText,
      exception: Type.String({ minLength: 1 }),
      traceback: Type.String(),
    }),
    reply: Type.Object({ task: ScopedKeyText }),
    errors: "problem",
  }),
} as const;
