/**
 * The figures: how fast, how large, against what (docs/performance.md).
 *
 *   npm run bench [-- --only claims,submit --store sqlite|postgres --quick --json FILE --profile DIRECTORY]
 *
 * --profile writes CPU profiles of the servers. Prints one table a measurement, writes all figures to a JSON file, and ends with exit code 1 when one misses its target.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { missed, type Report, type Section, sectionText } from "./figures.ts";
import { startLoadGenerator } from "./load/load-generator.ts";
import { analysis } from "./measurements/analysis.ts";
import { archives } from "./measurements/archives.ts";
import { bulkTasks } from "./measurements/bulk-tasks.ts";
import { claimScaling } from "./measurements/claim-scaling.ts";
import { claims } from "./measurements/claims.ts";
import { computeServices } from "./measurements/compute-services.ts";
import { estimates } from "./measurements/estimates.ts";
import { gather } from "./measurements/gather.ts";
import { idleServices } from "./measurements/idle-services.ts";
import { keyedChains } from "./measurements/keyed-chains.ts";
import { manyHubs } from "./measurements/many-hubs.ts";
import type { Measurement } from "./measurements/measurement.ts";
import { results } from "./measurements/results.ts";
import { startUp } from "./measurements/start-up.ts";
import { submission } from "./measurements/submission.ts";
import { startSystem } from "./servers/measured-system.ts";
import { openStateStores } from "./servers/state-stores.ts";

const measurements: readonly Measurement[] = [
  startUp,
  claims,
  claimScaling,
  manyHubs,
  idleServices,
  submission,
  bulkTasks,
  results,
  gather,
  archives,
  estimates,
  keyedChains,
  computeServices,
  analysis,
];
const names = measurements.map(({ name }) => name).join(", ");

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    store: { type: "string", default: "sqlite" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    profile: { type: "string" },
  },
});

const chosen = chooseMeasurements(values.only);
const store = values.store;
if (store !== "sqlite" && store !== "postgres") fail(`--store is sqlite or postgres, not ${store}`);
const quick = values.quick;

// A profile of each thread of each server, for the developer tools of a browser.
const nodeOptions = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];

const stores = await openStateStores(store);
const load = startLoadGenerator();
const begun = performance.now();
const say = (text: string): void => console.error(`[${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s] ${text}`);
const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
console.log(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}; ${stores.description}${quick ? "; QUICK: figures mean little" : ""}\n`,
);

const sections: Section[] = [];
try {
  for (const { run } of chosen) {
    const section = await run({ stores, load, quick, say, startSystem: () => startSystem(stores, { nodeOptions }) });
    sections.push(section);
    console.log(`${sectionText(section)}\n`);
  }
} finally {
  await load.stop();
  await stores.stop();
}

const report: Report = { at: new Date().toISOString(), store: stores.description, quick, machine, sections };
const file = values.json ?? join("node_modules", ".cache", "alchemiscale", `bench-${store}.json`);
await mkdir(dirname(file), { recursive: true });
await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
const misses = sections.flatMap(({ name, figures }) => figures.filter(missed).map(({ label }) => `${name}: ${label.trim()}`));
console.log(`All figures: ${file}`);
console.log(misses.length === 0 ? "Every target is met." : `Targets missed:\n${misses.map((miss) => `  ${miss}`).join("\n")}`);
process.exitCode = misses.length === 0 ? 0 : 1;

function chooseMeasurements(only: string | undefined): readonly Measurement[] {
  if (only === undefined) return measurements;
  return only
    .split(",")
    .map((wanted) => measurements.find(({ name }) => name === wanted) ?? fail(`--only ${wanted}: there is ${names}`));
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
