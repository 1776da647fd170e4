/** Our own: a Task for which no ProtocolDAG could be made ends in `error`, with the reason, and counts against the service. */
import type { computeRoutes } from "@alchemiscale/contract";
import { TaskNotFound } from "@alchemiscale/statestore";
import type { Handler } from "../transport/handler.ts";
import { unprocessable } from "../transport/http-error.ts";

export const reportTaskFailure: Handler<typeof computeRoutes.reportTaskFailure> = async ({ context, params, body, caller }) => {
  try {
    await context.stateStore.results.reportFailure({
      task: params.task,
      service: body.compute_service_id,
      exception: body.exception,
      traceback: body.traceback,
      actor: { identity: caller.identity, service: body.compute_service_id, reason: "no ProtocolDAG could be made" },
    });
  } catch (error) {
    if (error instanceof TaskNotFound) throw unprocessable(error.message);
    throw error;
  }
  return { task: params.task };
};
