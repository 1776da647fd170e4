/** An AlchemicalArchive as the text of its keyed chain, piece by piece (spec of the object: gufe.archival). */
import { gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import { keyedChainFromText, pythonString, sliceKeyedChain, verifyKey } from "@alchemiscale/gufe";
import type { RetrievedResult } from "../results/retrieved-result.ts";

/** Undoes one zstd frame; throws where the bytes are none. */
export type Decompress = (bytes: Uint8Array) => Uint8Array;

/** Anything that JSON can say. */
export type Metadata = Readonly<Record<string, unknown>>;

export interface ArchiveParts {
  /** Keyed chain text. */
  network(): Promise<string>;
  transformations(): Promise<readonly ScopedKey[]>;
  results(transformation: ScopedKey): AsyncIterable<RetrievedResult>;
  readonly decompress: Decompress;
  /** JSON text of an object. */
  readonly metadata: string;
}

/** The gufe whose form of an archive this is. Others warn when they load it, and read it. */
const gufeVersion = "1.12.0";

/** Each object once, dependencies first, the archive last: it only names the others, so nothing need be held but their keys. */
export async function* archiveChunks(parts: ArchiveParts): AsyncGenerator<string, void> {
  const written = new Set<string>();
  function* add(chain: string): Generator<string, string> {
    const { entries, root } = chain.trimStart().startsWith("[") ? sliceKeyedChain(chain) : keyedChainFromText(chain);
    for (const { key, text } of entries) {
      if (written.has(key)) continue;
      yield `${written.size === 0 ? "[" : ", "}["${key}", ${text}]`;
      written.add(key);
    }
    return root.key;
  }
  const network = yield* add(await parts.network());
  const byTransformation: string[] = [];
  for (const transformation of (await parts.transformations()).toSorted(byGufeKey)) {
    const keys = new Set<string>();
    for await (const { bytes } of parts.results(transformation)) keys.add(yield* add(textOf(bytes, parts.decompress)));
    byTransformation.push(`[${reference(gufeKeyOf(transformation))}, [${[...keys].sort().map(reference).join(", ")}]]`);
  }
  const archive =
    `{"network": ${reference(network)}, "transformation_results": [${byTransformation.join(", ")}], "metadata": ${parts.metadata}, ` +
    `"version_gufe": ${pythonString(gufeVersion)}, "__qualname__": "AlchemicalArchive", "__module__": "gufe.archival", ":version:": 1}`;
  const { computed } = verifyKey({ key: "AlchemicalArchive-", text: archive });
  yield `, ["${computed}", ${archive}]]`;
}

function byGufeKey(a: ScopedKey, b: ScopedKey): number {
  return gufeKeyOf(a) < gufeKeyOf(b) ? -1 : 1;
}

function reference(key: string): string {
  return `{":gufe-key:": "${key}"}`;
}

/** Results of old servers are not compressed. */
function textOf(bytes: Uint8Array, decompress: Decompress): string {
  const isZstd = bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(isZstd ? decompress(bytes) : bytes);
}
