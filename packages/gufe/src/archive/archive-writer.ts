import type { KeyedChain } from "../chain/keyed-chain.ts";
import { networkIndex } from "../chain/network-index.ts";
import { ChainError } from "../errors.ts";
import { pythonString } from "../json/python-string.ts";
import { verifyKey } from "../keys/verify-key.ts";
import { archiveQualname } from "./archive-contents.ts";

/** The gufe whose form of an archive this is. Others warn when they load it, and read it. */
const gufeVersion = "1.12.0";

/**
 * Writes an AlchemicalArchive as the text of its keyed chain, piece by piece: the network first, then results in any order, then the end. Each object comes
 * once, with its own characters, dependencies first; the archive itself comes last and only names the others, so nothing is held but their keys.
 */
export class ArchiveWriter {
  readonly #written = new Set<string>();
  readonly #results: ReadonlyMap<string, Set<string>>;
  readonly #network: KeyedChain;

  /** @throws {ShapeError} for a chain of anything but a network. */
  constructor(network: KeyedChain) {
    this.#network = network;
    const edges = networkIndex(network).edges.map(({ key }) => key);
    // As gufe sorts them; keys are ASCII.
    this.#results = new Map(edges.sort().map((key) => [key, new Set()]));
  }

  network(): Generator<string, void> {
    return this.#add(this.#network);
  }

  /**
   * A result of a Transformation of the network, by its gufe key.
   * @throws {ChainError} where the network has no such Transformation, or the chain is not that of a ProtocolDAGResult.
   */
  *result(transformation: string, chain: KeyedChain): Generator<string, void> {
    const { key, qualname } = chain.root;
    if (qualname !== "ProtocolDAGResult") throw new ChainError("not-a-result", key, `${key} is not a ProtocolDAGResult`);
    const keys = this.#results.get(transformation);
    if (keys === undefined) throw notAnEdge(transformation, this.#network.root.key, key);
    yield* this.#add(chain);
    keys.add(this.#own(key));
  }

  /** @param metadata JSON text of an object */
  *end(metadata: string): Generator<string, void> {
    const results = [...this.#results].map(
      ([transformation, keys]) => `[${reference(transformation)}, [${[...keys].sort().map(reference).join(", ")}]]`,
    );
    const text =
      `{"network": ${reference(this.#network.root.key)}, "transformation_results": [${results.join(", ")}], "metadata": ${metadata}, ` +
      `"version_gufe": ${pythonString(gufeVersion)}, "__qualname__": "${archiveQualname}", "__module__": "gufe.archival", ":version:": 1}`;
    const { computed } = verifyKey({ key: `${archiveQualname}-`, text });
    yield `, ["${computed}", ${text}]]`;
  }

  *#add({ entries }: KeyedChain): Generator<string, void> {
    for (const { key, text } of entries) {
      if (this.#written.has(key)) continue;
      yield `${this.#written.size === 0 ? "[" : ", "}["${key}", ${text}]`;
      this.#written.add(this.#own(key));
    }
  }

  /** A key is cut out of the text of its chain, which it would keep in memory. */
  #own(key: string): string {
    return key.split("").join("");
  }
}

export function notAnEdge(transformation: string, network: string, where: string): ChainError {
  return new ChainError("not-an-edge", where, `${transformation} is not a transformation of ${network}`);
}

function reference(key: string): string {
  return `{":gufe-key:": "${key}"}`;
}
