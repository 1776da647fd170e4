/** Networks made up for tests: star-shaped, with as many Transformations as asked. */
import { createHash } from "node:crypto";
import type { NetworkState, Scope } from "@alchemiscale/contract";
import type { ChainEntry, TransformationIndex } from "@alchemiscale/gufe";
import type { NetworkSubmission } from "../src/index.ts";

export interface SampleOptions {
  readonly scope: string;
  /** Part of every name, so that two samples share nothing but what `shared` says. */
  readonly name?: string;
  readonly transformations?: number;
  /** Class of the Protocol of the i-th Transformation. */
  readonly protocol?: (i: number) => string;
  readonly state?: NetworkState;
  /** Characters of filling in every text. */
  readonly filling?: number;
  /** Leaves the network's own Transformations the same but gives it another name, so that two networks share them. */
  readonly networkName?: string | null;
}

export type SampleNetwork = NetworkSubmission & { readonly entries: readonly ChainEntry[] };

export function sampleNetwork(options: SampleOptions): SampleNetwork {
  const { name = "sample", transformations = 2, protocol = () => "DummyProtocol", filling = 0 } = options;
  const entries = new Map<string, ChainEntry>();
  const add = (qualname: string, content: string, references: readonly string[]): string => {
    const key = `${qualname}-${createHash("md5").update(`${qualname} ${name} ${content}`).digest("hex")}`;
    const height = references.reduce((highest, reference) => Math.max(highest, (entries.get(reference)?.height ?? -1) + 1), 0);
    const text = `{"content": ${JSON.stringify(content)}, "float": 1.0, "references": ${JSON.stringify(references)}, "filling": "${"x".repeat(filling)}"}`;
    entries.set(key, { key, qualname, module: "sample", text, references, height });
    return key;
  };

  const component = add("SmallMoleculeComponent", "component", []);
  const center = add("ChemicalSystem", "center", [component]);
  const systems = [{ key: center, name: "center" }];
  const index: TransformationIndex[] = [];
  for (let i = 0; i < transformations; i++) {
    const protocolQualname = protocol(i);
    const protocolKey = add(protocolQualname, "protocol", []);
    const system = add("ChemicalSystem", `system ${i}`, [component]);
    systems.push({ key: system, name: `system ${i}` });
    const key = add("Transformation", `transformation ${i}`, [center, system, protocolKey]);
    index.push({
      key,
      qualname: "Transformation",
      name: `transformation ${i}`,
      stateA: center,
      stateB: system,
      protocolKey,
      protocolQualname,
    });
  }
  const networkName = options.networkName === undefined ? name : options.networkName;
  const key = add("AlchemicalNetwork", `network ${networkName}`, [...systems.map((s) => s.key), ...index.map((t) => t.key)]);
  return {
    scope: options.scope as Scope,
    state: options.state ?? "active",
    entries: [...entries.values()],
    network: { key, name: networkName },
    systems,
    transformations: index,
  };
}
