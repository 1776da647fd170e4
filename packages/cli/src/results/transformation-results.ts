/** What came of one transformation: its results as they are stored, and their estimate. */
import { estimateTransformation, protocolReaders, type StoredReading } from "@alchemiscale/analysis";
import { type AlchemiscaleClient, mapAhead } from "@alchemiscale/client";
import { gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import { ChainViews, sliceKeyedChain, TransformationBaseView } from "@alchemiscale/gufe";
import { CommandFailure } from "../usage-error.ts";
import { readStoredResult } from "./read-stored-result.ts";

/** The class whose results are small, so that they are pulled for the estimate alone. */
const nativeProtocol = "HarmonicSwitchingProtocol";

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
  /** Null where there is none of what was read: results of other protocols than the built-in one are read if they are pulled anyway. */
  readonly estimate: FreeEnergyEstimate | null;
}

export interface FreeEnergyEstimate {
  readonly estimate: number;
  readonly uncertainty: number;
  readonly unit: "kilocalorie_per_mole";
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

/** Pulls the results of one transformation, failures too where a receiver wants them. */
async function pullTransformation(
  client: AlchemiscaleClient,
  transformation: ScopedKey,
  { receive, held }: PullOptions = {},
): Promise<TransformationResults> {
  const [chain, succeeded, failed] = await Promise.all([
    client.getTransformation(transformation),
    client.getTransformationResults(transformation),
    client.getTransformationFailures(transformation),
  ]);
  const { name, protocol } = transformationIn(chain);
  const isEstimated = protocolReaders.has(protocol.qualname);
  const readings: StoredReading[] = [];
  if (protocol.qualname === nativeProtocol || receive !== undefined) {
    for (const reference of succeeded) {
      let bytes: Uint8Array;
      if (held !== undefined && (await held.has(transformation, reference, true))) {
        if (!isEstimated) continue;
        bytes = await held.read(transformation, reference, true);
      } else {
        bytes = await client.getResult(transformation, reference);
        await receive?.(transformation, chain, { reference, ok: true, bytes });
      }
      if (isEstimated) readings.push(await readStoredResult(protocol, bytes, reference));
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
    name: name ?? gufeKeyOf(transformation),
    protocol: protocol.qualname,
    succeeded: succeeded.length,
    failed: failed.length,
    estimate: estimateOf(protocol, readings),
  };
}

function transformationIn(text: string): TransformationBaseView {
  const chain = sliceKeyedChain(text);
  const view = new ChainViews(chain).get(chain.root.key);
  if (!(view instanceof TransformationBaseView)) throw new CommandFailure(`${chain.root.key} is no transformation`);
  return view;
}

function estimateOf(protocol: { readonly qualname: string }, readings: readonly StoredReading[]): FreeEnergyEstimate | null {
  const { estimate, uncertainty } = estimateTransformation(protocol, readings);
  return estimate === null || uncertainty === null ? null : { estimate, uncertainty, unit: "kilocalorie_per_mole" };
}

/** The same for many, a few at a time; in the order of `transformations`. `onDone` is called after each. */
export async function pullTransformations(
  client: AlchemiscaleClient,
  transformations: readonly ScopedKey[],
  options: PullOptions & { readonly onDone?: (done: number) => void } = {},
): Promise<TransformationResults[]> {
  const results: TransformationResults[] = [];
  for await (const pulled of mapAhead(transformations, 6, (each) => pullTransformation(client, each, options))) {
    results.push(pulled);
    options.onDone?.(results.length);
  }
  return results;
}
