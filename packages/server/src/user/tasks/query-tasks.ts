/** Finds Tasks (user-api §5.3). */
import { isTaskStatus, type TaskStatus, type userRoutes } from "@alchemiscale/contract";
import { queriedScopes } from "../../transport/access.ts";
import type { Handler } from "../../transport/handler.ts";
import { badRequest, noSuchObject } from "../../transport/http-error.ts";

/** An unknown status matches nothing here; the routes below refuse it. */
export const queryTasks: Handler<typeof userRoutes.queryTasks> = async ({ context, query, caller }) => {
  const { status } = query;
  return await context.stateStore.tasks.query({ scopes: queriedScopes(caller, query), ...(status !== undefined && { status }) });
};

export const networkTasks: Handler<typeof userRoutes.networkTasks> = ({ context, params, query }) =>
  context.stateStore.tasks.ofNetwork(params.network, ...statusFilter(query.status));

export const transformationTasks: Handler<typeof userRoutes.transformationTasks> = async ({ context, params, query }) => {
  const form = query.return_as ?? "list";
  if (form !== "list" && form !== "graph") throw badRequest(`\`return_as\` takes 'list' or 'graph', not '${form}'`);
  const [status] = statusFilter(query.status);
  const found = await context.stateStore.tasks.ofTransformation(params.transformation, {
    ...(query.extends !== undefined && { extends: query.extends }),
    ...(status !== undefined && { status }),
  });
  if (form === "list") return found.map(({ task }) => task);
  return Object.fromEntries(found.map(({ task, extends: extended }) => [task, extended]));
};

export const taskTransformation: Handler<typeof userRoutes.taskTransformation> = async ({ context, params }) => {
  const transformation = await context.stateStore.tasks.transformationOf(params.task);
  if (transformation === null) throw noSuchObject();
  return transformation;
};

function statusFilter(text: string | undefined): [] | [TaskStatus] {
  if (text === undefined) return [];
  if (!isTaskStatus(text)) throw badRequest(`'${text}' is not a valid TaskStatusEnum`);
  return [text];
}
