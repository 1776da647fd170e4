/** Texts of results made for tests: the keyed chain of a ProtocolDAGResult with units of one's choice. */

export interface TestUnit {
  readonly name: string;
  /** Outputs as JSON text, member by member. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly failed?: boolean;
  readonly unitClass?: string;
  /** Attempts at the same unit have the same number; its place in the list unless given. */
  readonly source?: number;
}

const token = (n: number) => n.toString(16).padStart(32, "0");

/** The chain's text. Units that have no successful attempt make the result one that is not ok. */
export function resultText(units: readonly TestUnit[], number = 1): string {
  const results = units.map((unit, i) => {
    const key = `${unit.failed ? "ProtocolUnitFailure" : "ProtocolUnitResult"}-${token(number * 1000 + i)}`;
    const source = `${unit.unitClass ?? "AnyUnit"}-${token(unit.source ?? i)}`;
    const outputs = Object.entries(unit.outputs ?? {}).map(([name, text]) => `${JSON.stringify(name)}: ${text}`);
    const dict = `{"name": ${JSON.stringify(unit.name)}, "_key": "${key}", "source_key": "${source}", "inputs": {}, "outputs": {${outputs.join(", ")}}, ${
      unit.failed ? '"exception": ["ValueError", ["x"]], "traceback": "t", ' : ""
    }"start_time": "2026-01-01T00:00:00.000001", "end_time": "2026-01-01T00:01:00.000001", "__qualname__": "${key.split("-")[0]}", "__module__": "gufe.protocols.protocolunit"}`;
    return { key, source, pair: `["${key}", ${dict}]` };
  });
  const references = (keys: Iterable<string>) => [...keys].map((key) => `{":gufe-key:": "${key}"}`).join(", ");
  const root = `{"name": null, "protocol_units": [${references(new Set(results.map(({ source }) => source)))}], "protocol_unit_results": [${references(
    results.map(({ key }) => key),
  )}], "transformation_key": null, "extends_key": null, "__qualname__": "ProtocolDAGResult", "__module__": "gufe.protocols.protocoldag"}`;
  return `[${[...results.map(({ pair }) => pair), `["ProtocolDAGResult-${token(number)}", ${root}]`].join(", ")}]`;
}

/** An encoded energy. */
export function energy(value: number | string, unit = "kilocalorie_per_mole"): string {
  return `{"magnitude": ${value}, "unit": "${unit}", ":is_custom:": true, "pint_unit_registry": "openff_units"}`;
}

/** An encoded array of doubles, not compressed, as gufe before 1.2 wrote them. */
export function array(values: readonly number[], shape: readonly number[] = [values.length]): string {
  const bytes = new Uint8Array(Float64Array.from(values).buffer);
  const text = JSON.stringify(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return `{"__class__": "ndarray", "__module__": "numpy", ":is_custom:": true, "dtype": "float64", "shape": [${shape}], "bytes": {"__class__": "bytes", "__module__": "builtins", ":is_custom:": true, "latin-1": ${text}}}`;
}

/** Outputs of a unit that analysed one leg of one repeat. */
export function analysed(
  estimate: number | string,
  repeat: number,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    // As a UUID: more digits than a double has.
    repeat_id: `34028236692093846346337460743176821${repeat}`,
    generation: "0",
    unit_estimate: energy(estimate),
    unit_estimate_error: energy(0.1),
    ...more,
  };
}
