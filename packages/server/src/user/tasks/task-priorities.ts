/** Reads and sets the priority of Tasks: 1 … 2⁶³−1, lower first. */
import type { userRoutes } from "@alchemiscale/contract";
import { accessibleOrNull } from "../../transport/access.ts";
import type { Handler } from "../../transport/handler.ts";
import { badRequest } from "../../transport/http-error.ts";

const lowestPriority = 2n ** 63n - 1n;

export const getTaskPriorities: Handler<typeof userRoutes.getTaskPriorities> = ({ context, body, caller }) =>
  context.stateStore.tasks.getPriorities(accessibleOrNull(caller, body.tasks));

export const setTaskPriorities: Handler<typeof userRoutes.setTaskPriorities> = ({ context, body, caller }) => {
  const { priority } = body;
  if (priority < 1n || priority > lowestPriority) throw badRequest("priority must be between 1 and 2**63 - 1, inclusive");
  return context.stateStore.tasks.setPriorities(accessibleOrNull(caller, body.tasks), priority, { identity: caller.identity });
};
