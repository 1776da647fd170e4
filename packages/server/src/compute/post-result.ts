/**
 * `POST /tasks/{task}/results` (compute-api §4, §7). The body goes through in a stream, whatever its size: a thread reads what must be
 * known out of it while the payload is written to the object store; then one transaction in the state store.
 */
import { MessageChannel } from "node:worker_threads";
import { type computeRoutes, gufeKeyOf, type ScopedKey, scopedKeyParts } from "@alchemiscale/contract";
import { InvalidObjectPath, type PendingObject, resultPath } from "@alchemiscale/objectstore";
import { TaskNotFound } from "@alchemiscale/statestore";
import { receiveChunks, StreamCut, sendChunks } from "../port-stream.ts";
import type { ResultFacts } from "../results/read-result.ts";
import type { Call, Handler } from "../transport/handler.ts";
import { HttpError, unprocessable } from "../transport/http-error.ts";
import { bodyChunks, isGzipped, tooLarge } from "../transport/request-body.ts";

type PostResult = Call<typeof computeRoutes.postResult>;

export const postResult: Handler<typeof computeRoutes.postResult> = async (call) => {
  const { context, params, caller } = call;
  const transformation = await context.stateStore.tasks.transformationOf(params.task);
  if (transformation === null) throw unprocessable(`there is no task ${params.task}`);
  const pending = await context.objectStore.begin();
  try {
    const { summary, service } = await receive(call, pending);
    const location = locationOf(transformation, summary);
    await pending.commit(location);
    const ref = await context.stateStore.results.report({
      task: params.task,
      service,
      resultKey: summary.key,
      ok: summary.ok,
      location,
      created: isoNow(),
      failures: summary.failures.map(({ sourceKey, failureKey, traceback }) => ({ sourceKey, failureKey, traceback })),
      actor: { identity: caller.identity, service },
    });
    context.measurements.result(summary.ok);
    return scopedKeyParts(ref);
  } catch (error) {
    if (error instanceof TaskNotFound) throw unprocessable(error.message);
    throw error;
  } finally {
    await pending.abort();
  }
};

/** The request to a thread, the payload from it to the object store, both no faster than the slowest of the three. */
async function receive({ context, request }: PostResult, pending: PendingObject): Promise<ResultFacts> {
  const maxBytes = context.limits.maxResultBytes;
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const body = new MessageChannel();
  const payload = new MessageChannel();
  const reading = context.workers.run(
    "receiveResult",
    { request: body.port2, payload: payload.port2, gzipped: isGzipped(request), maxBytes },
    [body.port2, payload.port2],
  );
  const sending = sendChunks(bodyChunks(request), body.port1);
  const storing = storeChunks(payload.port1, pending);
  const [read, sent, stored] = await Promise.allSettled([reading, sending, storing]);
  // A finding comes first, the sender's slowness or the thread's: when one gives up, the others only notice that it is gone.
  const failures = [read, sent, stored]
    .filter((outcome) => outcome.status === "rejected")
    .map((outcome) => outcome.reason as unknown);
  const failure =
    failures.find((error) => error instanceof HttpError) ??
    failures.find((error) => !(error instanceof StreamCut)) ??
    failures[0];
  if (failure !== undefined) throw failure;
  if (read.status !== "fulfilled") throw new Error("unreachable: a rejected reading has thrown");
  return read.value;
}

async function storeChunks(port: Parameters<typeof receiveChunks>[0], pending: PendingObject): Promise<void> {
  for await (const chunk of receiveChunks(port)) await pending.write(chunk);
}

function locationOf(transformation: ScopedKey, summary: ResultFacts["summary"]): string {
  const { org, campaign, project } = scopedKeyParts(transformation);
  try {
    return resultPath({
      org,
      campaign,
      project,
      transformationKey: gufeKeyOf(transformation),
      ok: summary.ok,
      resultKey: summary.key,
    });
  } catch (error) {
    if (error instanceof InvalidObjectPath) throw unprocessable(error.message);
    throw error;
  }
}

/** UTC with microseconds, as Python writes it: results are ordered by this text. */
function isoNow(): string {
  return new Date().toISOString().replace("Z", "000+00:00");
}
