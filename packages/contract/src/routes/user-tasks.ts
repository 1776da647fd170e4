/** The user API's routes for tasks, hubs and results (user-api §5.3, §5.6, §5.8). */
import { Type } from "typebox";
import {
  bodyKeys,
  bodyKeysOrNull,
  networkParam,
  pathKeys,
  scopesQueried,
  taskParam,
  transformationParam,
  userGet,
  userPost,
} from "../declare-route.ts";
import {
  Int64,
  ScopedKeyInBody,
  ScopedKeyOrBlank,
  ScopedKeyOrNull,
  ScopedKeys,
  ScopedKeysOrNulls,
  ScopedKeyText,
  scopeQuery,
} from "../wire-types.ts";

const tasks = Type.Array(ScopedKeyInBody);
const ofNetwork = { permission: pathKeys("network"), params: networkParam };
const ofTransformation = { permission: pathKeys("transformation"), params: transformationParam };
const ofTask = { permission: pathKeys("task"), params: taskParam };

/** `{key: weight}` or, without weights, `[key]`. */
const KeysOrWeights = Type.Union([Type.Record(Type.String(), Type.Number()), ScopedKeys]);

export const userTaskRoutes = {
  queryTasks: userGet({
    path: "/tasks",
    summary: "Tasks, by status",
    permission: scopesQueried,
    query: { status: Type.Optional(Type.String()), ...scopeQuery },
    reply: ScopedKeys,
  }),
  networkTasks: userGet({
    path: "/networks/:network/tasks",
    summary: "The tasks of a network's transformations, actioned or not",
    ...ofNetwork,
    query: { status: Type.Optional(Type.String()) },
    reply: ScopedKeys,
  }),
  transformationTasks: userGet({
    path: "/transformations/:transformation/tasks",
    summary: "The tasks of a transformation; as `graph`: each with the task it extends",
    ...ofTransformation,
    query: {
      extends: Type.Optional(Type.String()),
      return_as: Type.Optional(Type.String()),
      status: Type.Optional(Type.String()),
    },
    reply: Type.Union([ScopedKeys, Type.Record(Type.String(), ScopedKeyOrNull)]),
  }),
  createTransformationTasks: userPost({
    path: "/transformations/:transformation/tasks",
    summary: "Creates tasks on one transformation",
    ...ofTransformation,
    body: Type.Object({ extends: Type.Optional(ScopedKeyOrBlank), count: Type.Integer() }),
    reply: ScopedKeys,
  }),
  createTasks: userPost({
    path: "/bulk/transformations/tasks/create",
    summary: "Creates one task for each entry",
    permission: bodyKeys("transformations"),
    body: Type.Object({
      transformations: Type.Array(ScopedKeyInBody),
      extends: Type.Optional(Type.Union([Type.Array(ScopedKeyOrBlank), Type.Null()])),
    }),
    reply: ScopedKeys,
  }),
  taskTransformation: userGet({
    path: "/tasks/:task/transformation",
    summary: "The transformation that a task performs",
    ...ofTask,
    reply: ScopedKeyText,
  }),
  getTaskStatus: userGet({
    path: "/tasks/:task/status",
    summary: "The status of a task",
    ...ofTask,
    reply: Type.Union([Type.String(), Type.Null()]),
  }),
  setTaskStatus: userPost({
    path: "/tasks/:task/status",
    summary: "Sets the status of a task",
    ...ofTask,
    body: Type.String(),
    reply: ScopedKeyOrNull,
  }),
  getTaskStatuses: userPost({
    path: "/bulk/tasks/status/get",
    summary: "The status of each task",
    permission: bodyKeysOrNull("tasks"),
    body: Type.Object({ tasks }),
    reply: Type.Array(Type.Union([Type.String(), Type.Null()])),
  }),
  setTaskStatuses: userPost({
    path: "/bulk/tasks/status/set",
    summary: "Sets one status on all tasks",
    permission: bodyKeysOrNull("tasks"),
    body: Type.Object({ tasks, status: Type.String() }),
    reply: ScopedKeysOrNulls,
  }),
  getTaskPriorities: userPost({
    path: "/bulk/tasks/priority/get",
    summary: "The priority of each task",
    permission: bodyKeysOrNull("tasks"),
    body: Type.Object({ tasks }),
    reply: Type.Array(Type.Union([Int64, Type.Null()])),
  }),
  setTaskPriorities: userPost({
    path: "/bulk/tasks/priority/set",
    summary: "Sets one priority on all tasks; 1 is the most urgent",
    permission: bodyKeysOrNull("tasks"),
    body: Type.Object({ tasks, priority: Int64 }),
    reply: ScopedKeysOrNulls,
  }),
  actionTasks: userPost({
    path: "/networks/:network/tasks/action",
    summary: "Offers tasks for execution on a network's hub",
    ...ofNetwork,
    body: Type.Object({
      tasks,
      weight: Type.Optional(Type.Union([Type.Null(), Type.Number(), Type.Array(Type.Number())])),
    }),
    reply: ScopedKeysOrNulls,
  }),
  cancelTasks: userPost({
    path: "/networks/:network/tasks/cancel",
    summary: "Takes tasks off a network's hub",
    ...ofNetwork,
    body: Type.Object({ tasks }),
    reply: ScopedKeysOrNulls,
  }),
  networkActionedTasks: userPost({
    path: "/networks/:network/tasks/actioned",
    summary: "The tasks on a network's hub",
    ...ofNetwork,
    body: Type.Object({ task_weights: Type.Boolean() }),
    reply: KeysOrWeights,
  }),
  networksActionedTasks: userPost({
    path: "/bulk/networks/tasks/actioned",
    summary: "The tasks on the hub of each network",
    permission: bodyKeys("networks"),
    body: Type.Object({ networks: Type.Array(ScopedKeyInBody), task_weights: Type.Boolean() }),
    reply: Type.Array(KeysOrWeights),
  }),
  taskActionedNetworks: userPost({
    path: "/tasks/:task/networks/actioned",
    summary: "The networks on whose hub a task is",
    ...ofTask,
    body: Type.Object({ task_weights: Type.Boolean() }),
    reply: KeysOrWeights,
  }),
  transformationResults: userGet({
    path: "/transformations/:transformation/results",
    summary: "References to the successful results of a transformation",
    ...ofTransformation,
    reply: ScopedKeys,
  }),
  transformationFailures: userGet({
    path: "/transformations/:transformation/failures",
    summary: "References to the failed results of a transformation",
    ...ofTransformation,
    reply: ScopedKeys,
  }),
  taskResults: userGet({
    path: "/tasks/:task/results",
    summary: "References to the successful results of a task",
    ...ofTask,
    reply: ScopedKeys,
  }),
  taskFailures: userGet({
    path: "/tasks/:task/failures",
    summary: "References to the failed results of a task",
    ...ofTask,
    reply: ScopedKeys,
  }),
  result: userGet({
    path: "/transformations/:transformation/:route/:ref",
    summary: "The stored bytes of a result, as one text of a list: one character a byte",
    permission: pathKeys("transformation", "ref"),
    params: { ...transformationParam, route: Type.String(), ref: ScopedKeyText },
    reply: Type.Array(Type.String()),
  }),
} as const;
