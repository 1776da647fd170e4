import type { Plain } from "@alchemiscale/gufe";
import type { Static, TObject } from "typebox";
import type { StrategyNetwork } from "./network/strategy-network.ts";
import type { NetworkResults } from "./network/transformation-results.ts";
import { readSettings } from "./strategy-settings.ts";

/**
 * By key of the Transformation. null: never again, unless results change; 0: not now, maybe later. One that is absent is left as it is.
 * (spec/strategies.md §1.3)
 */
export type Weights = ReadonlyMap<string, number | null>;

/** What a strategy proposes. Weights are raw: ratios within one proposal are all that counts. */
export interface Proposal {
  readonly weights: Weights;
  /** A sentence for people: what decided. */
  readonly why: string;
}

/** The class of a strategy object, as gufe serializes it. */
export interface StrategyClass {
  readonly module: string;
  readonly qualname: string;
  /** `:version:` of the serialized form. */
  readonly version: number;
}

/** A strategy with its settings. */
export interface ConfiguredStrategy {
  readonly definition: Strategy;
  /** With the defaults of what was not given. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * A pure function: the same network and results give the same weights, whatever the order of either. It must end: if proposed work keeps
   * being done, all weights become null. (spec/strategies.md §1.2)
   */
  propose(network: StrategyNetwork, results: NetworkResults): Proposal;
}

/** One kind of strategy. A new one is a file with `defineStrategy` and a line in `registry.ts`. */
export interface Strategy extends StrategyClass {
  /** Class name of the settings object. */
  readonly settingsClass: string;
  /** What it is for, in one sentence. */
  readonly summary: string;
  /** Fields with defaults, bounds and descriptions. */
  readonly settingsSchema: TObject;
  /** What the Python class gives as `default_settings()`. */
  readonly defaultSettings: Readonly<Record<string, Plain>>;
  /** @throws {InvalidStrategySettings} naming the field, for what the schema or a rule across fields forbids. */
  configure(settings: Readonly<Record<string, Plain>>): ConfiguredStrategy;
}

interface StrategyDefinition<S extends TObject> extends StrategyClass {
  readonly settingsClass: string;
  readonly summary: string;
  readonly settingsSchema: S;
  /** Where the schema's own defaults are not enough. */
  readonly defaultSettings?: Readonly<Record<string, Plain>>;
  /** A rule across fields: what is wrong, or nothing. */
  check?(settings: Static<S>): { readonly field: string; readonly rule: string } | undefined;
  propose(network: StrategyNetwork, results: NetworkResults, settings: Static<S>): Proposal;
}

export function defineStrategy<S extends TObject>(given: StrategyDefinition<S>): Strategy {
  const { module, qualname, version, settingsClass, summary, settingsSchema, defaultSettings = {} } = given;
  const definition: Strategy = {
    module,
    qualname,
    version,
    settingsClass,
    summary,
    settingsSchema,
    defaultSettings,
    configure(fields) {
      const settings = readSettings(settingsClass, settingsSchema, fields, given.check);
      return { definition, settings, propose: (network, results) => given.propose(network, results, settings) };
    },
  };
  return definition;
}
