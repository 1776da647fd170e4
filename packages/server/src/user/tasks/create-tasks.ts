/** Creates Tasks: all of a call or none, each in its Transformation's scope, in the order of the input (user-api §5.6). */
import type { ScopedKey, userRoutes } from "@alchemiscale/contract";
import { CannotExtend, TransformationNotFound } from "@alchemiscale/statestore";
import type { Caller } from "../../auth/tokens.ts";
import type { ServerContext } from "../../server-context.ts";
import type { Handler } from "../../transport/handler.ts";
import { badRequest } from "../../transport/http-error.ts";

export const createTransformationTasks: Handler<typeof userRoutes.createTransformationTasks> = ({
  context,
  params,
  body,
  caller,
}) => {
  const extended = body.extends ?? null;
  const count = Math.max(0, body.count);
  requireFewEnough(context, count);
  const transformations = Array<ScopedKey>(count).fill(params.transformation);
  return create(context, transformations, extended === null ? null : transformations.map(() => extended), caller);
};

export const createTasks: Handler<typeof userRoutes.createTasks> = ({ context, body, caller }) => {
  const { transformations } = body;
  const extended = body.extends ?? null;
  if (extended !== null && extended.length !== transformations.length) {
    throw badRequest("`extends` must either be `None` or have the same length as `transformations`");
  }
  requireFewEnough(context, transformations.length);
  return create(context, transformations, extended, caller);
};

async function create(
  context: ServerContext,
  transformations: readonly ScopedKey[],
  extended: readonly (ScopedKey | null)[] | null,
  caller: Caller,
): Promise<ScopedKey[]> {
  try {
    return await context.stateStore.tasks.create(transformations, extended, caller.identity, { identity: caller.identity });
  } catch (error) {
    if (error instanceof CannotExtend || error instanceof TransformationNotFound) throw badRequest(error.message);
    throw error;
  }
}

function requireFewEnough(context: ServerContext, count: number): void {
  const most = context.limits.maxTasksPerCall;
  if (count > most)
    throw badRequest(`${count} tasks in one call are more than the ${most} that this server creates at once; use several calls`);
}
