import { randomUUID } from "node:crypto";
import { type Json, type JsonObject, type KeyedChain, verifyKey, writeJson } from "@alchemiscale/gufe";
import { integer, object, reference } from "./gufe-values.ts";
import { type HarmonicInput, harmonicModule, type UnitName } from "./harmonic-input.ts";

/** An element of a keyed chain. */
export interface ChainElement {
  readonly key: string;
  readonly text: string;
}

/** A unit of the protocol: the entry in the chain and what its execution needs. */
export interface HarmonicUnit {
  readonly unit: UnitName;
  readonly key: string;
  /** As written, with references to the units that it depends on. */
  readonly inputs: Readonly<Record<string, Json>>;
  readonly dependencies: readonly UnitName[];
}

export interface HarmonicDag {
  readonly key: string;
  readonly name: string | null;
  readonly input: HarmonicInput;
  /** Key of the result that the DAG goes on from. */
  readonly extendsKey: string | null;
  /** 0, or one more than the extended result's. */
  readonly generation: number;
  /** In the order of execution. */
  readonly units: readonly HarmonicUnit[];
  /** The states and their components, then the units, in an order in which references look back. */
  readonly elements: readonly ChainElement[];
  /** The ProtocolDAG itself, to stand after the others. */
  readonly element: ChainElement;
}

const unitClasses: Record<UnitName, string> = {
  setup: "HarmonicSetupUnit",
  forward: "HarmonicSwitchingUnit",
  reverse: "HarmonicSwitchingUnit",
  analysis: "HarmonicAnalysisUnit",
};

/**
 * Makes the ProtocolDAG of a Transformation: every call makes units with new UUIDs (spec: gufe §4.1).
 * `chain` is the one that `input` was read from. `newId` gives 32 hexadecimal digits.
 */
export function createHarmonicDag(
  chain: KeyedChain,
  input: HarmonicInput,
  options: {
    readonly name: string | null;
    readonly extends: { readonly key: string; readonly generation: number } | null;
    readonly newId?: () => string;
  },
): HarmonicDag {
  const { newId = () => randomUUID().replaceAll("-", "") } = options;
  const generation = options.extends === null ? 0 : options.extends.generation + 1;
  const common = { settings: input.settingsJson, stateA: reference(input.stateA.key), stateB: reference(input.stateB.key) };
  const make = (unit: UnitName, dependencies: readonly UnitName[], inputs: Record<string, Json>): HarmonicUnit => {
    return { unit, key: `${unitClasses[unit]}-${newId()}`, inputs, dependencies };
  };
  const setup = make("setup", [], { generation: integer(generation), ...common });
  const switching = (direction: "forward" | "reverse") =>
    make(direction, ["setup"], { setup: reference(setup.key), direction, ...common });
  const forward = switching("forward");
  const reverse = switching("reverse");
  const analysis = make("analysis", ["forward", "reverse"], {
    forward: reference(forward.key),
    reverse: reference(reverse.key),
    settings: input.settingsJson,
    generation: integer(generation),
  });
  // gufe orders units by taking the smallest key among those nothing waits for, and reverses that.
  const switches = forward.key < reverse.key ? [reverse, forward] : [forward, reverse];
  const units = [setup, ...switches, analysis];
  const extendsKey = options.extends?.key ?? null;
  const element = hashedElement("ProtocolDAG", {
    name: options.name,
    protocol_units: units.map((unit) => reference(unit.key)),
    transformation_key: input.transformationKey,
    extends_key: extendsKey,
  });
  const elements = [...withDependencies(chain, [input.stateA.key, input.stateB.key]), ...units.map(unitElement)];
  return { key: element.key, name: options.name, input, extendsKey, generation, units, elements, element };
}

function unitElement(unit: HarmonicUnit): ChainElement {
  const dict = object({
    inputs: object(unit.inputs),
    name: unit.unit,
    _key: unit.key,
    __qualname__: unitClasses[unit.unit],
    __module__: harmonicModule,
    ":version:": integer(1),
  });
  return { key: unit.key, text: writeJson(dict) };
}

/** An object of gufe's module of DAGs, whose key is a hash of its content. */
export function hashedElement(
  qualname: "ProtocolDAG" | "ProtocolDAGResult",
  fields: Readonly<Record<string, Json>>,
): ChainElement {
  const dict: JsonObject = object({
    ...fields,
    __qualname__: qualname,
    __module__: "gufe.protocols.protocoldag",
    ":version:": integer(1),
  });
  const text = writeJson(dict);
  const { computed } = verifyKey({ key: `${qualname}-${"0".repeat(32)}`, text });
  if (computed === null) throw new Error(`no key can be computed for a ${qualname}`);
  return { key: computed, text };
}

/** The entries of these keys and all that they refer to, in the chain's order. */
function withDependencies(chain: KeyedChain, keys: readonly string[]): ChainElement[] {
  const wanted = new Set(keys);
  for (const entry of [...chain.entries].reverse()) {
    if (wanted.has(entry.key)) for (const dependency of entry.references) wanted.add(dependency);
  }
  return chain.entries.filter((entry) => wanted.has(entry.key)).map(({ key, text }) => ({ key, text }));
}
