/** The thread's side of a posted result: bytes come in at one port, the payload goes out at another. */
import type { MessagePort } from "node:worker_threads";
import { OutgoingStream, receiveChunks } from "../port-stream.ts";
import { type ResultFacts, readResult } from "./read-result.ts";

export interface ReceiveResult {
  /** The body of the request. */
  readonly request: MessagePort;
  /** Where the payload goes. */
  readonly payload: MessagePort;
  readonly gzipped: boolean;
  readonly maxBytes: number;
}

export async function receiveResult({ request, payload, gzipped, maxBytes }: ReceiveResult): Promise<ResultFacts> {
  const outgoing = new OutgoingStream(payload);
  try {
    const facts = await readResult(receiveChunks(request), { gzipped, maxBytes }, (chunk) => outgoing.write(chunk));
    outgoing.end();
    await outgoing.drained();
    return facts;
  } catch (error) {
    outgoing.cut();
    throw error;
  } finally {
    // Closing before the request is read to its end stops the sender.
    request.close();
    payload.close();
  }
}
