/**
 * How the cost of reading a network grows with its size: slicing the chain, indexing, recomputing keys, joining, parsing and
 * writing, in processor time on generated networks of 200, 1,000 and 4,000 systems (two transformations a system, own ligand and mapping).
 *
 * `npx node bench/gufe.ts [--json]`. "growth" is the time per byte against that of the smallest network: 1 is linear.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  bytesToLatin1,
  joinKeyedChain,
  nestChain,
  networkIndex,
  parseJson,
  sliceKeyedChain,
  summarizeResult,
  verifyKey,
  writeJson,
} from "@alchemiscale/gufe";

const sizes = [200, 1000, 4000];
const repeats = 3;

interface Operation {
  readonly name: string;
  /** Runs it and says how many bytes it worked on. */
  readonly run: (network: Network) => number;
}

interface Network {
  readonly text: string;
  readonly chain: ReturnType<typeof sliceKeyedChain>;
  readonly result: string;
}

const operations: readonly Operation[] = [
  { name: "slice the chain", run: ({ text }) => done(text, sliceKeyedChain(text).entries.length) },
  {
    name: "slice, strict (every key recomputed)",
    run: ({ text }) => done(text, sliceKeyedChain(text, { strict: true }).entries.length),
  },
  { name: "index nodes and edges", run: ({ text, chain }) => done(text, networkIndex(chain).edges.length) },
  { name: "join the chain", run: ({ text, chain }) => done(text, joinKeyedChain(chain.entries).length) },
  { name: "parse without loss", run: ({ text }) => done(text, (parseJson(text) as readonly unknown[]).length) },
  { name: "parse and write", run: ({ text }) => done(text, writeJson(parseJson(text)).length) },
  { name: "nested form of every edge", run: (network) => nestEdges(network) },
  { name: "summarise a result", run: ({ result }) => done(result, summarizeResult(result).units.length) },
];

/** Keeps the work from being optimised away. */
let sink = 0;

function done(text: string, outcome: number): number {
  sink += outcome;
  return text.length;
}

/** All edges, one after another, as compute services ask for them. */
function nestEdges({ chain }: Network): number {
  let bytes = 0;
  for (const edge of networkIndex(chain).edges) {
    for (const piece of nestChain(closure(chain, edge.key), edge.key)) bytes += piece.length;
  }
  return bytes;
}

function closure(chain: Network["chain"], key: string): Network["chain"]["entries"] {
  let byKey = closures.get(chain);
  if (byKey === undefined) {
    byKey = new Map(chain.entries.map((entry) => [entry.key, entry]));
    closures.set(chain, byKey);
  }
  const keys = new Set([key]);
  for (const next of keys) for (const reference of byKey.get(next)?.references ?? []) keys.add(reference);
  return [...keys].flatMap((wanted) => byKey.get(wanted) ?? []).sort((a, b) => a.height - b.height);
}

const closures = new Map<Network["chain"], Map<string, Network["chain"]["entries"][number]>>();

function generate(systems: number): Network {
  const entries: { key: string; text: string }[] = [];
  const add = (module: string, qualname: string, fields: string): string => {
    const text = `{${fields}, "__qualname__": "${qualname}", "__module__": "${module}", ":version:": 1}`;
    const key = verifyKey({ key: `${qualname}-`, text }).computed as string;
    entries.push({ key, text });
    return `{":gufe-key:": "${key}"}`;
  };
  const solvent = add(
    "gufe.components.solventcomponent",
    "SolventComponent",
    '"smiles": "O", "positive_ion": "Na+", "negative_ion": "Cl-", "ion_concentration": "0.15 molar", "neutralize": true',
  );
  const protein = add("gufe.components.proteincomponent", "ProteinComponent", proteinFields(1500));
  const protocol = add(
    "bench",
    "BenchProtocol",
    '"settings": {"__class__": "BenchSettings", "__module__": "bench", ":is_custom:": true, "n_steps": 5000, "timestep": {"magnitude": 2.0, "unit": "femtosecond", ":is_custom:": true, "pint_unit_registry": "openff_units"}}',
  );
  const ligands: string[] = [];
  const nodes: string[] = [];
  for (let i = 0; i < systems; i++) {
    const ligand = add("gufe.components.smallmoleculecomponent", "SmallMoleculeComponent", ligandFields(i, 40));
    ligands.push(ligand);
    const components = `"components": {"ligand": ${ligand}, "protein": ${protein}, "solvent": ${solvent}}`;
    nodes.push(add("gufe.chemicalsystem", "ChemicalSystem", `${components}, "name": "system ${i}"`));
  }
  const edges: string[] = [];
  for (let i = 0; i < 2 * systems; i++) {
    const a = i % systems;
    const b = (i + (i < systems ? 1 : 7)) % systems;
    const pairs = Array.from({ length: 30 }, (_, n) => `"${n}": ${n}`).join(", ");
    const mapping = add(
      "gufe.mapping.ligandatommapping",
      "LigandAtomMapping",
      `"componentA": ${ligands[a]}, "componentB": ${ligands[b]}, "componentA_to_componentB": {${pairs}}, "annotations": "{}"`,
    );
    const states = `"stateA": ${nodes[a]}, "stateB": ${nodes[b]}, "protocol": ${protocol}, "mapping": ${mapping}`;
    edges.push(add("gufe.transformations.transformation", "Transformation", `${states}, "name": "edge ${i}", "metadata": {}`));
  }
  add(
    "gufe.network",
    "AlchemicalNetwork",
    `"nodes": [${nodes.join(", ")}], "edges": [${edges.join(", ")}], "name": "bench ${systems}"`,
  );
  const text = joinKeyedChain(entries);
  return { text, chain: sliceKeyedChain(text), result: resultOf(systems) };
}

function positions(atoms: number, seed: number): string {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${atoms}, 3), }`.padEnd(117);
  const bytes = new Uint8Array(128 + 24 * atoms);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  bytes.set(new TextEncoder().encode(`${header}\n`), 10);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 3 * atoms; i++) view.setFloat64(128 + 8 * i, Math.sin(seed + 1.37 * i) * 10, true);
  return writeJson(bytesToLatin1(bytes));
}

function ligandFields(seed: number, atoms: number): string {
  const atomRows = Array.from({ length: atoms }, () => "[6, 0, 0, false, 0, 0, {}, 4]").join(", ");
  const bondRows = Array.from({ length: atoms - 1 }, (_, i) => `[${i}, ${i + 1}, 1, 0, {}]`).join(", ");
  return `"atoms": [${atomRows}], "bonds": [${bondRows}], "conformer": [${positions(atoms, seed)}, {}], "molprops": {"ofe-name": "ligand ${seed}"}`;
}

function proteinFields(atoms: number): string {
  const atomRows = Array.from({ length: atoms }, (_, i) => `[6, "A", ${i}, 0, " ", " CA ", "ALA", ${i}, "N", 0]`).join(", ");
  return `"atoms": [${atomRows}], "bonds": [], "name": "protein", "conformers": [${positions(atoms, 1)}]`;
}

function resultOf(units: number): string {
  const id = (n: number) => n.toString(16).padStart(32, "0");
  const pairs: string[] = [];
  for (let i = 0; i < units; i++) {
    const outputs = `{"work": [${Array.from({ length: 100 }, (_, n) => Math.sin(i + n)).join(", ")}]}`;
    const inputs = i === 0 ? "{}" : `{"before": {":gufe-key:": "ProtocolUnitResult-${id(i - 1)}"}}`;
    pairs.push(
      `["ProtocolUnitResult-${id(i)}", {"name": "unit ${i}", "_key": "ProtocolUnitResult-${id(i)}", "source_key": "BenchUnit-${id(i)}", "inputs": ${inputs}, "outputs": ${outputs}, "__qualname__": "ProtocolUnitResult", "__module__": "gufe.protocols.protocolunit"}]`,
    );
  }
  const references = (name: string) => Array.from({ length: units }, (_, i) => `{":gufe-key:": "${name}-${id(i)}"}`).join(", ");
  pairs.push(
    `["ProtocolDAGResult-${id(0)}", {"protocol_units": [${references("BenchUnit")}], "protocol_unit_results": [${references("ProtocolUnitResult")}], "__qualname__": "ProtocolDAGResult", "__module__": "gufe.protocols.protocoldag"}]`,
  );
  return `[${pairs.join(", ")}]`;
}

/** The best of several runs, in processor time of this thread: what the code costs, without what else the machine does. */
function measure(operation: Operation, network: Network): { milliseconds: number; bytes: number } {
  let milliseconds = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    // What earlier runs left behind is theirs to pay for.
    collectGarbage();
    const before = process.threadCpuUsage();
    const begun = performance.now();
    let runs = 0;
    // The clock of processor time ticks coarsely: short operations are repeated.
    do {
      bytes = operation.run(network);
      runs += 1;
    } while (performance.now() - begun < 150);
    const { user, system } = process.threadCpuUsage(before);
    milliseconds = Math.min(milliseconds, (user + system) / 1000 / runs);
  }
  return { milliseconds, bytes };
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const warmUp = generate(50);
for (const operation of operations) for (let i = 0; i < 20; i++) operation.run(warmUp);

// One network in memory at a time: otherwise the larger ones make the collector dearer for all.
const measurements = sizes.map((size) => {
  const network = generate(size);
  const measured = operations.map((operation) => measure(operation, network));
  closures.clear();
  return { megabytes: network.text.length / 1e6, measured };
});

const rows = operations.map((operation, index) => {
  const measured = measurements.map((measurement) => measurement.measured[index] as ReturnType<typeof measure>);
  const perByte = measured.map(({ milliseconds, bytes }) => milliseconds / bytes);
  return {
    operation: operation.name,
    milliseconds: measured.map(({ milliseconds }) => Number(milliseconds.toFixed(2))),
    megabytesPerSecond: measured.map(({ milliseconds, bytes }) => Math.round(bytes / 1000 / milliseconds)),
    growth: perByte.map((value) => Number((value / (perByte[0] as number)).toFixed(2))),
  };
});
const megabytes = measurements.map((measurement) => Number(measurement.megabytes.toFixed(2)));

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ bench: "gufe", node: process.version, systems: sizes, megabytes, rows }, null, 1));
} else {
  const cells = (values: readonly unknown[], unit: string) => values.map((value) => `${value}${unit}`.padStart(12)).join("");
  console.log(`${"systems".padEnd(38)}${cells(sizes, "")}`);
  console.log(`${"text of the chain".padEnd(38)}${cells(megabytes, " MB")}`);
  for (const row of rows) {
    console.log(row.operation);
    console.log(`${"  time".padEnd(38)}${cells(row.milliseconds, " ms")}`);
    console.log(`${"  speed".padEnd(38)}${cells(row.megabytesPerSecond, " MB/s")}`);
    console.log(`${"  growth of time per byte".padEnd(38)}${cells(row.growth, "")}`);
  }
}
process.exitCode = sink > 0 ? 0 : 1;
