/** The thread's part of reading a result: its stored bytes come in at a port, what estimates need of them goes out. */
import type { MessagePort } from "node:worker_threads";
import { type ReadableProtocol, readResult, type StoredReading, StoredResultReader } from "@alchemiscale/analysis";
import {
  GufeError,
  joinKeyedChain,
  keyedChainFromText,
  ProtocolView,
  sliceKeyedChain,
  viewOf,
  ZstdError,
} from "@alchemiscale/gufe";
import { nodeZstd, unzstdChunks } from "@alchemiscale/gufe/zstd";
import { receiveChunks } from "../port-stream.ts";
import { peeked } from "../results/peeked.ts";
import { unreadable } from "./kept-reading.ts";

export interface ReadKeptResult {
  /** The stored bytes. */
  readonly object: MessagePort;
  readonly resultKey: string;
  /** Key of the Protocol and its chain; the objects of few Protocols stand for all results. */
  readonly protocol: { readonly key: string; readonly chain: readonly { readonly key: string; readonly text: string }[] };
}

/** What a result may unpack to; what is looked at of it is far less. */
const maxBytes = 4 * 1024 ** 3;
/** The same for results of the oldest servers, which are read as a whole. */
const maxWholeBytes = 64 * 1024 ** 2;
const mostProtocols = 100;

/** What one array in a result may unpack to: eight million numbers. */
const maxArrayBytes = 64 * 1024 ** 2;

const zstd = nodeZstd({ maxBytes: maxArrayBytes });
const protocols = new Map<string, ReadableProtocol>();

/** Never throws for what the result holds. */
export async function readKeptResult({ object, resultKey, protocol }: ReadKeptResult): Promise<StoredReading> {
  const qualname = protocol.key.slice(0, protocol.key.indexOf("-"));
  try {
    const { isFrame, all } = await peeked(receiveChunks(object));
    const view = protocolOf(protocol);
    return isFrame ? await readFrame(view, all) : await readWhole(view, all);
  } catch (error) {
    if (error instanceof ZstdError)
      return unreadable(resultKey, qualname, error.code === "too-large" ? "too-large" : "not-a-result", error.message);
    if (error instanceof GufeError) return unreadable(resultKey, qualname, "not-a-result", error.message);
    throw error;
  } finally {
    object.close();
  }
}

async function readFrame(protocol: ReadableProtocol, chunks: AsyncIterable<Uint8Array>): Promise<StoredReading> {
  const reader = new StoredResultReader(protocol, { zstd });
  for await (const chunk of unzstdChunks(chunks, maxBytes)) reader.write(chunk);
  return reader.end();
}

/** Before zstd: JSON, of objects inside each other. (spec/analysis.md §1) */
async function readWhole(protocol: ReadableProtocol, chunks: AsyncIterable<Uint8Array>): Promise<StoredReading> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxWholeBytes)
      throw new ZstdError("too-large", "", `The result is uncompressed and has more than ${maxWholeBytes} bytes`);
    parts.push(chunk);
  }
  return readResult(protocol, keyedChainFromText(Buffer.concat(parts).toString()), { zstd });
}

function protocolOf({ key, chain }: ReadKeptResult["protocol"]): ReadableProtocol {
  let protocol = protocols.get(key);
  if (protocol === undefined) {
    const view = viewOf(sliceKeyedChain(joinKeyedChain(chain)));
    protocol = view instanceof ProtocolView ? view : { qualname: view.qualname, settings: null };
    if (protocols.size >= mostProtocols) protocols.clear();
    protocols.set(key, protocol);
  }
  return protocol;
}
