/** Strategies of Python packages, run by their own classes. */
import { ExecutorUnavailable, type NeededFile, type PythonAnalyst } from "@alchemiscale/compute";
import { qualnameOf, type ScopedKey, scopedKey, scopeOf } from "@alchemiscale/contract";
import { AlchemicalNetworkView, joinKeyedChain, sliceKeyedChain, viewOf } from "@alchemiscale/gufe";
import { type ObjectStore, ObjectStoreUnavailable } from "@alchemiscale/objectstore";
import { chainContent, gatherTransformation } from "@alchemiscale/server";
import { type ObjectText, type StateStore, StateStoreUnavailable } from "@alchemiscale/statestore";
import { type ProposalRequest, type Proposer, ProposerUnavailable } from "@alchemiscale/strategist/service";

/** Networks whose protocols are remembered; they never change. */
const mostNetworks = 16;

/**
 * A strategy sees what the Python client would give it: the ProtocolResult of each Transformation with ok results, gathered by its Protocol. What was gathered
 * is kept, so that only Transformations with new results are gathered again.
 */
export class PythonProposer implements Proposer {
  readonly #stores: { readonly stateStore: StateStore; readonly objectStore: ObjectStore };
  readonly #analyst: PythonAnalyst;
  readonly #protocols = new Map<ScopedKey, ReadonlyMap<string, string>>();

  /** All of them stay the caller's. */
  constructor(stores: { readonly stateStore: StateStore; readonly objectStore: ObjectStore }, analyst: PythonAnalyst) {
    this.#stores = stores;
    this.#analyst = analyst;
  }

  /** @throws {ProposerUnavailable} where a store is away, or Python does not start */
  async propose({ network, strategy, work, signal }: ProposalRequest) {
    try {
      const results = await this.#gathered(network, work.transformations, signal);
      const { key } = strategy.at(-1) as ObjectText;
      const weights = await this.#analyst.propose(
        {
          strategy: { name: `${network} ${key}`, open: async () => joinKeyedChain(strategy) },
          network: chainContent(this.#stores.stateStore, network),
          results,
        },
        signal,
      );
      const name = qualnameOf(scopedKey(key, scopeOf(network)));
      return {
        weights,
        why: `${name} was asked in Python, with results of ${results.size} of ${work.transformations.length} Transformations`,
      };
    } catch (error) {
      if (isTransient(error)) throw new ProposerUnavailable(error.message, { cause: error });
      throw error;
    }
  }

  async #gathered(
    network: ScopedKey,
    transformations: ProposalRequest["work"]["transformations"],
    signal: AbortSignal,
  ): Promise<Map<string, NeededFile>> {
    const scope = scopeOf(network);
    const protocols = await this.#protocolsOf(network);
    const results = new Map<string, NeededFile>();
    for (const { transformation, results: count } of transformations) {
      const protocol = protocols.get(transformation);
      if (count === 0 || protocol === undefined) continue;
      const keys = { transformation: scopedKey(transformation, scope), protocol: scopedKey(protocol, scope) };
      const found = await gatherTransformation(this.#stores, this.#analyst, keys, signal);
      if (found === null) continue;
      const { result, problems } = found.gathered;
      if (result === null) throw new Error(`strategies cannot see the results of ${transformation}: ${problems.join("; ")}`);
      results.set(transformation, result);
    }
    return results;
  }

  /** gufe keys of the Protocols, by those of the Transformations. */
  async #protocolsOf(network: ScopedKey): Promise<ReadonlyMap<string, string>> {
    const known = this.#protocols.get(network);
    if (known !== undefined) return known;
    const chain = (await this.#stores.stateStore.objects.chain(network)) ?? [];
    const view = viewOf(sliceKeyedChain(joinKeyedChain(chain)));
    const edges = view instanceof AlchemicalNetworkView ? view.edges : [];
    const protocols = new Map(edges.map((edge) => [edge.key, edge.protocol.key]));
    const [oldest] = this.#protocols.keys();
    if (this.#protocols.size >= mostNetworks && oldest !== undefined) this.#protocols.delete(oldest);
    this.#protocols.set(network, protocols);
    return protocols;
  }
}

function isTransient(error: unknown): error is Error {
  return (
    error instanceof ExecutorUnavailable || error instanceof ObjectStoreUnavailable || error instanceof StateStoreUnavailable
  );
}
