/**
 * `POST /tasks/{task}/results` (compute-api §4, §7). The body goes through in a stream, whatever its size: a thread reads what must be
 * known out of it while the payload is written to the object store; then one transaction in the state store.
 */
import { type computeRoutes, scopedKeyParts } from "@alchemiscale/contract";
import { TaskNotFound } from "@alchemiscale/statestore";
import { receiveInThread, reportedResult } from "../results/incoming-result.ts";
import type { Handler } from "../transport/handler.ts";
import { unprocessable } from "../transport/http-error.ts";
import { isGzipped } from "../transport/request-body.ts";

export const postResult: Handler<typeof computeRoutes.postResult> = async ({ context, params, caller, request }) => {
  const transformation = await context.stateStore.tasks.transformationOf(params.task);
  if (transformation === null) throw unprocessable(`there is no task ${params.task}`);
  const pending = await context.objectStore.begin();
  try {
    const { summary, service } = await receiveInThread(context, request, pending, (ports, transfer) =>
      context.workers.run("receiveResult", { ...ports, gzipped: isGzipped(request) }, transfer),
    );
    const result = reportedResult(transformation, summary);
    await pending.commit(result.location);
    const actor = { identity: caller.identity, service };
    const ref = await context.stateStore.results.report({ task: params.task, service, ...result, actor });
    context.measurements.result(summary.ok);
    context.estimator.wake();
    return scopedKeyParts(ref);
  } catch (error) {
    if (error instanceof TaskNotFound) throw unprocessable(error.message);
    throw error;
  } finally {
    await pending.abort();
  }
};
