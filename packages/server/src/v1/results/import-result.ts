/** `POST /v1/transformations/{transformation}/results`: takes in a result that was computed elsewhere. */
import type { userRoutes } from "@alchemiscale/contract";
import { TransformationNotFound } from "@alchemiscale/statestore";
import { receiveInThread, reportedResult } from "../../results/incoming-result.ts";
import type { Handler } from "../../transport/handler.ts";
import { HttpError } from "../../transport/http-error.ts";
import { notFound } from "../../transport/problem.ts";
import { requireTransformation } from "../require-class.ts";

export const importResult: Handler<typeof userRoutes.importResult> = async ({ context, params, caller, request }) => {
  const { transformation } = params;
  const { results, objects } = context.stateStore;
  requireTransformation(transformation);
  if (request.headers["content-encoding"] !== undefined) {
    throw new HttpError(415, "content-encoding: results are kept as they are sent; send the plain zstd frame");
  }
  if (!(await objects.exists(transformation))) throw notFound(transformation);
  const pending = await context.objectStore.begin();
  try {
    const summary = await receiveInThread(context, request, pending, (ports, transfer) =>
      context.workers.run("receiveFrame", ports, transfer),
    );
    // What is there stays: nobody replaces the bytes of a result by others of the same key.
    const there = await results.withKey(transformation, summary.key, summary.ok);
    if (there !== null) return { ref: there.ref, task: there.task, imported: false };
    const result = reportedResult(transformation, summary);
    await pending.commit(result.location);
    const actor = { identity: caller.identity };
    const imported = await results.import({ ...result, transformation, extendsKey: summary.extendsKey, actor });
    context.estimator.wake();
    return imported;
  } catch (error) {
    if (error instanceof TransformationNotFound) throw notFound(transformation);
    throw error;
  } finally {
    await pending.abort();
  }
};
