/** Results of protocols that are not read here go to the Python class of the protocol, all of a Transformation together. */
import type { ScopedKey } from "@alchemiscale/contract";
import { joinKeyedChain } from "@alchemiscale/gufe";
import type { ObjectStore } from "@alchemiscale/objectstore";
import type { KnownResult, StateStore } from "@alchemiscale/statestore";
import { openResult } from "../results/open-result.ts";

/** Content that is opened when it is needed. The same name is the same content for ever. */
export interface NamedContent {
  readonly name: string;
  open(): Promise<AsyncIterable<Uint8Array> | string>;
}

/** Asks Python; `PythonAnalyst` of the compute package is one. */
export interface Gatherer<T extends GatheredResults = GatheredResults> {
  /** Rejects with what the Python class raised, and with what opening raised. */
  gather(
    request: { readonly protocol: NamedContent; readonly results: readonly NamedContent[] },
    signal?: AbortSignal,
  ): Promise<T>;
}

/** kcal/mol. */
export interface GatheredResults {
  readonly estimate: number | null;
  readonly uncertainty: number | null;
  /** What is wrong with it, for people. */
  readonly problems: readonly string[];
}

export interface GatherStores {
  readonly stateStore: StateStore;
  readonly objectStore: ObjectStore;
}

const listed = 500;

/**
 * What Python makes of the ok results of a Transformation, each once; null where it has none.
 * @param protocol of the Transformation
 * @param only gufe keys of results; all of them unless told
 * @throws what the gatherer and the stores throw
 */
export async function gatherTransformation<T extends GatheredResults>(
  stores: GatherStores,
  gatherer: Gatherer<T>,
  { transformation, protocol, only }: { transformation: ScopedKey; protocol: ScopedKey; only?: ReadonlySet<string> },
  signal?: AbortSignal,
): Promise<{ readonly gathered: T; readonly resultKeys: readonly string[] } | null> {
  const { stateStore, objectStore } = stores;
  const results = new Map<string, KnownResult>();
  for await (const result of okResults(stateStore, transformation))
    if (only?.has(result.resultKey) !== false && !results.has(result.resultKey)) results.set(result.resultKey, result);
  if (results.size === 0) return null;
  const request = {
    protocol: chainContent(stateStore, protocol),
    results: [...results.values()].map((result) => ({
      name: result.ref,
      open: async () => {
        const stored = await openResult(objectStore, transformation, result);
        if (stored === null) throw new Error(`the object store does not hold ${result.resultKey}`);
        return stored.body;
      },
    })),
  };
  return { gathered: await gatherer.gather(request, signal), resultKeys: [...results.keys()] };
}

/** The keyed chain of an object of the state store. */
export function chainContent(stateStore: StateStore, key: ScopedKey): NamedContent {
  return {
    name: key,
    open: async () => {
      const chain = await stateStore.objects.chain(key);
      if (chain === null) throw new Error(`the state store does not hold ${key}`);
      return joinKeyedChain(chain);
    },
  };
}

async function* okResults(stateStore: StateStore, transformation: ScopedKey): AsyncGenerator<KnownResult> {
  let after = 0;
  let until: number | null = null;
  do {
    const part = await stateStore.results.partOfTransformation(transformation, { after, until, ok: true, limit: listed });
    if (part === null) return;
    yield* part.results;
    ({ after, until } = part);
  } while (after !== until);
}
