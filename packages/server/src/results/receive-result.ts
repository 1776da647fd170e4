/** The thread's side of a result that comes in: bytes come in at one port, the payload goes out at another. */
import type { MessagePort } from "node:worker_threads";
import type { ResultSummary } from "@alchemiscale/gufe";
import { OutgoingStream, receiveChunks } from "../port-stream.ts";
import { type ResultFacts, readFrame, readResult } from "./read-result.ts";

export interface IncomingPorts {
  /** The body of the request. */
  readonly request: MessagePort;
  /** Where the payload goes. */
  readonly payload: MessagePort;
  readonly maxBytes: number;
}

/** As a compute service posts it. */
export function receiveResult({ gzipped, ...ports }: IncomingPorts & { readonly gzipped: boolean }): Promise<ResultFacts> {
  return passing(ports, (request, write) => readResult(request, { gzipped, maxBytes: ports.maxBytes }, write));
}

/** As it is stored. */
export function receiveFrame(ports: IncomingPorts): Promise<ResultSummary> {
  return passing(ports, (request, write) => readFrame(request, ports.maxBytes, write));
}

async function passing<T>(
  { request, payload }: IncomingPorts,
  read: (request: AsyncIterable<Uint8Array>, write: (chunk: Uint8Array) => Promise<void>) => Promise<T>,
): Promise<T> {
  const outgoing = new OutgoingStream(payload);
  try {
    const facts = await read(receiveChunks(request), (chunk) => outgoing.write(chunk));
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
