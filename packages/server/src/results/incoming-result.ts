/** What results have in common on their way in: a thread reads what must be known while the payload is written to the object store. */
import type { IncomingMessage } from "node:http";
import { MessageChannel, type Transferable } from "node:worker_threads";
import { gufeKeyOf, type ScopedKey, scopedKeyParts } from "@alchemiscale/contract";
import type { ResultSummary } from "@alchemiscale/gufe";
import { InvalidObjectPath, type PendingObject, resultPath } from "@alchemiscale/objectstore";
import type { ReportedResult } from "@alchemiscale/statestore";
import { receiveChunks, StreamCut, sendChunks } from "../port-stream.ts";
import type { ServerContext } from "../server-context.ts";
import { HttpError, unprocessable } from "../transport/http-error.ts";
import { bodyChunks, RequestCut, tooLarge } from "../transport/request-body.ts";
import type { IncomingPorts } from "./receive-result.ts";

/**
 * The request to a thread, the payload from it to the object store, both no faster than the slowest of the three.
 * @param read starts the thread's work with the ends of the two streams
 * @throws {HttpError} for what is wrong with the result
 */
export async function receiveInThread<T>(
  context: ServerContext,
  request: IncomingMessage,
  pending: PendingObject,
  read: (ports: IncomingPorts, transfer: readonly Transferable[]) => Promise<T>,
): Promise<T> {
  const maxBytes = context.limits.maxResultBytes;
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const body = new MessageChannel();
  const payload = new MessageChannel();
  const reading = read({ request: body.port2, payload: payload.port2, maxBytes }, [body.port2, payload.port2]);
  // A thread that ends before it has taken the ports leaves them open: nobody would ever take what is sent.
  reading.catch(() => {
    body.port1.close();
    payload.port1.close();
  });
  const sending = sendChunks(bodyChunks(request), body.port1);
  const storing = storeChunks(payload.port1, pending);
  const [found, sent, stored] = await Promise.allSettled([reading, sending, storing]);
  // A finding comes first, the sender's slowness or the thread's: when one gives up, the others only notice that it is gone.
  const failures = [found, sent, stored]
    .filter((outcome) => outcome.status === "rejected")
    .map((outcome) => outcome.reason as unknown);
  const failure =
    failures.find((error) => error instanceof HttpError || error instanceof RequestCut) ??
    failures.find((error) => !(error instanceof StreamCut)) ??
    failures[0];
  if (failure !== undefined) throw failure;
  if (found.status !== "fulfilled") throw new Error("unreachable: a rejected reading has thrown");
  return found.value;
}

/**
 * What the state store keeps of a result, and where its object belongs.
 * @throws {HttpError} 422 for a key that no object can have
 */
export function reportedResult(transformation: ScopedKey, summary: ResultSummary): ReportedResult {
  return {
    resultKey: summary.key,
    ok: summary.ok,
    location: locationOf(transformation, summary),
    created: isoNow(),
    failures: summary.failures.map(({ sourceKey, failureKey, traceback }) => ({ sourceKey, failureKey, traceback })),
  };
}

async function storeChunks(port: Parameters<typeof receiveChunks>[0], pending: PendingObject): Promise<void> {
  for await (const chunk of receiveChunks(port)) await pending.write(chunk);
}

function locationOf(transformation: ScopedKey, summary: ResultSummary): string {
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
