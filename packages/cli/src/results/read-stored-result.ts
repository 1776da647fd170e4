import { type ReadableProtocol, type StoredReading, StoredResultReader } from "@alchemiscale/analysis";
import { nodeZstd } from "@alchemiscale/gufe/zstd";
import { openDocument, pieces } from "../check/read-document.ts";

const zstd = nodeZstd();

/**
 * Reads what estimates need from a result at hand, as it is stored; `name` is used in errors.
 * @throws {CommandFailure} when the bytes are damaged; what they hold throws nothing
 */
export async function readStoredResult(protocol: ReadableProtocol, bytes: Uint8Array, name: string): Promise<StoredReading> {
  const reader = new StoredResultReader(protocol, { zstd });
  const document = await openDocument(pieces(bytes), name);
  if ("text" in document) reader.writeText(document.text);
  else for await (const chunk of document.chunks) reader.write(chunk);
  return reader.end();
}
