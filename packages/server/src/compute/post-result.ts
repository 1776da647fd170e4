/**
 * `POST /tasks/{task}/results` (compute-api §4, §7). The body goes through in a stream, whatever its size: a thread reads what must be
 * known out of it while the payload is written to the object store; then one transaction in the state store.
 *
 * The body may hold the result's provenance. It is written before that transaction, so that no result is acknowledged without it; and
 * the result is taken whatever is wrong with it, which the reply then says.
 */
import { type computeRoutes, scopedKeyParts } from "@alchemiscale/contract";
import { TaskNotFound } from "@alchemiscale/statestore";
import { receiveInThread, reportedResult } from "../results/incoming-result.ts";
import { hardwareIn, provenanceBeside } from "../results/provenance.ts";
import type { ServerContext } from "../server-context.ts";
import type { Handler } from "../transport/handler.ts";
import { unprocessable } from "../transport/http-error.ts";
import { isGzipped } from "../transport/request-body.ts";

export const postResult: Handler<typeof computeRoutes.postResult> = async ({ context, params, caller, request }) => {
  const transformation = await context.stateStore.tasks.transformationOf(params.task);
  if (transformation === null) throw unprocessable(`there is no task ${params.task}`);
  const pending = await context.objectStore.begin();
  try {
    const { summary, service, provenance } = await receiveInThread(context, request, pending, (ports, transfer) =>
      context.workers.run("receiveResult", { ...ports, gzipped: isGzipped(request) }, transfer),
    );
    const result = reportedResult(transformation, summary);
    const about = provenance === undefined ? undefined : keepProvenance(context, provenance, result.location);
    await pending.commit(result.location);
    const hardware = (await about) ?? null;
    const actor = { identity: caller.identity, service };
    const ref = await context.stateStore.results.report({ task: params.task, service, ...result, hardware, actor });
    context.measurements.result(summary.ok);
    context.estimator.wake();
    const reply = scopedKeyParts(ref);
    return about === undefined ? reply : { ...reply, provenance: hardware !== null };
  } catch (error) {
    if (error instanceof TaskNotFound) throw unprocessable(error.message);
    throw error;
  } finally {
    await pending.abort();
  }
};

/** What it was computed on, once the provenance is stored; null where it is not. Never rejects: a result is not lost for it. */
async function keepProvenance(context: ServerContext, text: string | null, location: string): Promise<string | null> {
  const hardware = text === null ? null : hardwareIn(text);
  if (text === null || hardware === null) {
    const reason = text === null ? "it is too large" : "it is no provenance";
    context.logger.warn({ location }, `the provenance that came with a result is not kept: ${reason}`);
    return null;
  }
  try {
    await context.objectStore.put(provenanceBeside(location), Buffer.from(text));
    return hardware;
  } catch (error) {
    context.logger.warn({ location, err: error }, "the provenance that came with a result is not kept: it could not be stored");
    return null;
  }
}
