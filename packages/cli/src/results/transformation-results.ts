/** What came of one transformation: its results as they are stored, and the estimate where the protocol is the built-in one. */
import type { AlchemiscaleClient } from "@alchemiscale/client";
import { type FreeEnergyEstimate, harmonicEstimate } from "@alchemiscale/compute";
import { gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import { sliceKeyedChain, transformationIndex } from "@alchemiscale/gufe";
import { decodeDocument } from "../check/read-document.ts";

/** The class whose estimate needs no Python. */
export const nativeProtocol = "HarmonicSwitchingProtocol";

export interface StoredResult {
  readonly reference: ScopedKey;
  readonly ok: boolean;
  /** As stored: one zstd frame of a keyed chain (or, from old servers, JSON). */
  readonly bytes: Uint8Array;
}

export interface TransformationResults {
  readonly transformation: ScopedKey;
  readonly name: string;
  readonly protocol: string;
  readonly succeeded: number;
  readonly failed: number;
  /** Null where there is no result, or the protocol is not the built-in one. kcal/mol. */
  readonly estimate: FreeEnergyEstimate | null;
}

/** Called with every result as it arrives, in no fixed order; `chain` is the transformation's keyed chain. */
export type ResultReceiver = (transformation: ScopedKey, chain: string, result: StoredResult) => Promise<void>;

/** Results that need not be asked for, for instance as they were saved before. */
export interface HeldResults {
  has(transformation: ScopedKey, reference: ScopedKey, ok: boolean): Promise<boolean>;
  read(transformation: ScopedKey, reference: ScopedKey, ok: boolean): Promise<Uint8Array>;
}

export interface PullOptions {
  /** Not called for what is held. */
  readonly receive?: ResultReceiver;
  readonly held?: HeldResults;
}

/**
 * Pulls the results of one transformation, failures too where a receiver wants them.
 * Texts of the built-in protocol are held until the estimate is made; those of other protocols, which can be large, are not.
 */
export async function pullTransformation(
  client: AlchemiscaleClient,
  transformation: ScopedKey,
  { receive, held }: PullOptions = {},
): Promise<TransformationResults> {
  const [chain, succeeded, failed] = await Promise.all([
    client.getTransformation(transformation),
    client.getTransformationResults(transformation),
    client.getTransformationFailures(transformation),
  ]);
  const index = transformationIndex(sliceKeyedChain(chain).root);
  const isNative = index.protocolQualname === nativeProtocol;
  const texts: string[] = [];
  if (isNative || receive !== undefined) {
    for (const reference of succeeded) {
      let bytes: Uint8Array;
      if (held !== undefined && (await held.has(transformation, reference, true))) {
        if (!isNative) continue;
        bytes = await held.read(transformation, reference, true);
      } else {
        bytes = await client.getResult(transformation, reference);
        await receive?.(transformation, chain, { reference, ok: true, bytes });
      }
      if (isNative) texts.push(await decodeDocument(bytes, reference));
    }
  }
  if (receive !== undefined) {
    for (const reference of failed) {
      if (await held?.has(transformation, reference, false)) continue;
      const bytes = await client.getResult(transformation, reference, { route: "failures" });
      await receive(transformation, chain, { reference, ok: false, bytes });
    }
  }
  return {
    transformation,
    name: index.name ?? gufeKeyOf(transformation),
    protocol: index.protocolQualname,
    succeeded: succeeded.length,
    failed: failed.length,
    estimate: texts.length === 0 ? null : harmonicEstimate(texts),
  };
}

/** The same for many, a few at a time; in the order of `transformations`. `onDone` is called after each. */
export async function pullTransformations(
  client: AlchemiscaleClient,
  transformations: readonly ScopedKey[],
  options: PullOptions & { readonly onDone?: (done: number) => void } = {},
): Promise<TransformationResults[]> {
  const results: TransformationResults[] = [];
  const next = transformations.entries();
  let done = 0;
  const runner = async () => {
    for (const [position, transformation] of next) {
      results[position] = await pullTransformation(client, transformation, options);
      done += 1;
      options.onDone?.(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(6, transformations.length) }, runner));
  return results;
}
