/** `GET /v1/tasks/{task}/failures`: why no ProtocolDAG could be made. */
import type { userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { notFound } from "../../transport/problem.ts";
import { isoMicroseconds } from "../events/event-text.ts";
import { requireTask } from "../require-class.ts";

export const failuresWithoutResult: Handler<typeof userRoutes.failuresWithoutResult> = async ({ context, params }) => {
  const { task } = params;
  requireTask(task);
  const { objects, results } = context.stateStore;
  if (!(await objects.exists(task))) throw notFound(task);
  const failures = await results.failuresWithoutResult(task);
  return { failures: failures.map(({ at, ...failure }) => ({ at: isoMicroseconds(at), ...failure })) };
};
