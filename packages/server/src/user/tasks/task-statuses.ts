/** Reads and sets the status of Tasks; what a user may set, and from where, is in state-semantics §5.2. */
import { isTaskStatus, isUserTaskStatus, type UserTaskStatus, type userRoutes } from "@alchemiscale/contract";
import { accessibleOrNull } from "../../transport/access.ts";
import type { Handler } from "../../transport/handler.ts";
import { badRequest } from "../../transport/http-error.ts";

export const getTaskStatus: Handler<typeof userRoutes.getTaskStatus> = async ({ context, params }) => {
  const [status] = await context.stateStore.tasks.getStatuses([params.task]);
  return status ?? null;
};

export const setTaskStatus: Handler<typeof userRoutes.setTaskStatus> = async ({ context, params, body, caller }) => {
  const [task] = await context.stateStore.tasks.setStatuses([params.task], requireUserStatus(body), {
    identity: caller.identity,
  });
  return task ?? null;
};

export const getTaskStatuses: Handler<typeof userRoutes.getTaskStatuses> = ({ context, body, caller }) =>
  context.stateStore.tasks.getStatuses(accessibleOrNull(caller, body.tasks));

export const setTaskStatuses: Handler<typeof userRoutes.setTaskStatuses> = ({ context, body, caller }) => {
  const status = requireUserStatus(body.status);
  return context.stateStore.tasks.setStatuses(accessibleOrNull(caller, body.tasks), status, { identity: caller.identity });
};

function requireUserStatus(text: string): UserTaskStatus {
  if (isUserTaskStatus(text)) return text;
  if (!isTaskStatus(text)) throw badRequest(`'${text}' is not a valid TaskStatusEnum`);
  throw badRequest(`Cannot set status to '${text}', must be one of 'waiting', 'invalid', 'deleted'`);
}
