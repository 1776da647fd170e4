/** Results in the form of openfe's RelativeHybridTopologyProtocol, made up in content. */
import { verifyKey } from "@alchemiscale/gufe";

export interface SyntheticRepeat {
  /** kcal/mol, as the error. */
  readonly estimate: number;
  readonly error: number;
}

/**
 * The keyed chain of a ProtocolDAGResult with one analysis unit a repeat.
 * @param name makes it different from others with the same numbers
 */
export function rbfeResult(
  name: string,
  repeats: readonly SyntheticRepeat[],
  options: { readonly transformation?: string; readonly minutes?: number } = {},
): { readonly key: string; readonly text: string } {
  const { transformation = null, minutes = 90 } = options;
  const pairs: string[] = [];
  const units: string[] = [];
  const results: string[] = [];
  repeats.forEach(({ estimate, error }, i) => {
    const token = tokenOf(`${name} ${i}`);
    const unit = `HybridTopologyMultiStateAnalysisUnit-${token}`;
    const result = `ProtocolUnitResult-${token}`;
    // A repeat's id is a random UUID as an integer: 128 bits.
    const repeat = BigInt(`0x${token}`);
    pairs.push(
      `["${result}", {"name": "Hybrid Topology Analysis: repeat ${i} generation 0", "_key": "${result}", "source_key": "${unit}", "inputs": {}, ` +
        `"outputs": {"unit_estimate": ${quantity(estimate)}, "unit_estimate_error": ${quantity(error)}, "repeat_id": ${repeat}, "generation": 0, ` +
        `"production_iterations": 1000.0, "equilibration_iterations": 200.0}, "stderr": {}, "stdout": {}, ` +
        `"start_time": ${at(0)}, "end_time": ${at(minutes)}, "__qualname__": "ProtocolUnitResult", "__module__": "gufe.protocols.protocolunit", ":version:": 1}]`,
      `["${unit}", {"inputs": {}, "name": "analysis", "_key": "${unit}", "__qualname__": "HybridTopologyMultiStateAnalysisUnit", "__module__": "openfe.protocols.openmm_rfe.hybridtop_units", ":version:": 1}]`,
    );
    units.push(unit);
    results.push(result);
  });
  const references = (keys: readonly string[]) => `[${keys.map((key) => `{":gufe-key:": "${key}"}`).join(", ")}]`;
  const dag =
    `{"name": ${JSON.stringify(name)}, "protocol_units": ${references(units)}, "protocol_unit_results": ${references(results)}, "transformation_key": ` +
    `${JSON.stringify(transformation)}, "extends_key": null, "__qualname__": "ProtocolDAGResult", "__module__": "gufe.protocols.protocoldag", ":version:": 1}`;
  const key = verifyKey({ key: "ProtocolDAGResult-", text: dag }).computed ?? "";
  return { key, text: `[${[...pairs, `["${key}", ${dag}]`].join(", ")}]` };
}

function quantity(magnitude: number): string {
  return `{"magnitude": ${magnitude}, "unit": "kilocalorie_per_mole", ":is_custom:": true, "pint_unit_registry": "openff_units"}`;
}

function at(minutes: number): string {
  const time = new Date(Date.UTC(2026, 2, 1, 12, minutes)).toISOString().replace("Z", "000");
  return `{"__class__": "datetime", "__module__": "datetime", ":is_custom:": true, "isotime": "${time}"}`;
}

/** 32 hexadecimal digits that differ for different texts. */
function tokenOf(text: string): string {
  let token = "";
  for (let part = 0; part < 4; part += 1) {
    // FNV-1a.
    let hash = 0x811c9dc5 ^ (part * 0x9e3779b9);
    for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    token += (hash >>> 0).toString(16).padStart(8, "0");
  }
  return token;
}
