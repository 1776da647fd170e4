/** References to results: `ok` true are results, false failures (user-api §5.3). */
import type { userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";

export const transformationResults: Handler<typeof userRoutes.transformationResults> = ({ context, params }) =>
  context.stateStore.results.ofTransformation(params.transformation, true);

export const transformationFailures: Handler<typeof userRoutes.transformationFailures> = ({ context, params }) =>
  context.stateStore.results.ofTransformation(params.transformation, false);

export const taskResults: Handler<typeof userRoutes.taskResults> = ({ context, params }) =>
  context.stateStore.results.ofTask(params.task, true);

export const taskFailures: Handler<typeof userRoutes.taskFailures> = ({ context, params }) =>
  context.stateStore.results.ofTask(params.task, false);
