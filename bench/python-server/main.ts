/**
 * The Python server and ours on this machine, one after the other, put to the same HTTP requests.
 *
 *   node bench/python-server/main.ts [--sides python,embedded,postgres] [--python INTERPRETER] [--workers 2] [--quick] [--json FILE]
 *
 * README.md beside this file says what each needs. Without the Python server ours is compared with figures of it that were measured on another machine. Prints
 * a table, writes everything to a JSON file, and ends with exit code 1 when a ratio misses its target.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { RunningService } from "../../scripts/test-services/test-service.ts";
import { versitygw } from "../../scripts/test-services/versitygw.ts";
import { comparisonText, type MeasuredSide, ratiosOf } from "./comparison-text.ts";
import { publishedFigures } from "./published-figures.ts";
import { startEmbeddedSide, startPostgresSide } from "./sides/our-sides.ts";
import { pythonServerLacks, startPythonSide } from "./sides/python-side.ts";
import type { Side, SideName } from "./sides/side.ts";
import { runWorkload } from "./workload/run-workload.ts";
import { fullSize, quickSize } from "./workload/workload-size.ts";

const { values } = parseArgs({
  options: {
    sides: { type: "string", default: "python,embedded,postgres" },
    python: { type: "string", default: process.env.ALCHEMISCALE_TEST_PYTHON ?? "" },
    workers: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const size = values.quick ? quickSize : fullSize;
const workers = Number(values.workers);
const begun = performance.now();
const say = (text: string): void => console.error(`[${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s] ${text}`);
const loads = () => loadavg().map((load) => Math.round(load * 10) / 10);

let s3: RunningService | undefined;
const startS3 = async (): Promise<RunningService> => {
  s3 ??= await versitygw.start();
  return s3;
};
const starts: Readonly<Record<SideName, () => Promise<Side>>> = {
  python: async () => await startPythonSide({ interpreter: values.python, workers, s3: await startS3() }),
  embedded: startEmbeddedSide,
  postgres: async () => await startPostgresSide({ workers, s3: await startS3() }),
};
const wanted = values.sides.split(",").filter((name) => {
  if (!(name in starts)) throw new Error(`--sides ${name}: there are ${Object.keys(starts).join(", ")}`);
  return true;
}) as SideName[];

let withoutPython: string | undefined;
if (!wanted.includes("python")) withoutPython = "it was not asked for";
else if (values.python === "") withoutPython = "neither --python nor ALCHEMISCALE_TEST_PYTHON names an interpreter";
else withoutPython = await pythonServerLacks(values.python);

let current: Side | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await Promise.allSettled([current?.close(), s3?.stop()]);
    process.exit(130);
  });
}

const before = loads();
const measured: MeasuredSide[] = [];
try {
  for (const name of wanted) {
    if (name === "python" && withoutPython !== undefined) continue;
    say(`${name}: starting`);
    const side = await starts[name]();
    current = side;
    try {
      measured.push({ name, description: side.description, figures: await runWorkload(side, { size, say }) });
    } finally {
      current = undefined;
      await side.close();
    }
  }
} finally {
  await s3?.stop();
}

const machine = `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
const load = { before, after: loads() };
const python = measured.find(({ name }) => name === "python");
const ours = measured.filter(({ name }) => name !== "python");
// Figures of another size say nothing here.
const compared = python?.figures ?? (values.quick ? {} : publishedFigures);
const { network } = size;
console.log(
  `${machine}; load average ${before.join(" ")} before, ${load.after.join(" ")} after${values.quick ? "; QUICK: figures mean little" : ""}`,
);
for (const { name, description } of measured) console.log(`  ${name}: ${description}`);
if (python === undefined) {
  console.log(
    `  NO Python server was measured: ${withoutPython}. Its column is of another machine with two cores; start-up was not measured there.`,
  );
}
console.log(
  `  a large network: ${network.systems} systems, ${network.transformations} Transformations; ${size.tasks} Tasks on 40 Transformations, of one hub; a large result: ${size.resultBytes / 2 ** 20} MiB; ${size.smallNetworks} small networks`,
);
console.log(`\n${comparisonText(compared, ours)}\n`);
const ratios = ratiosOf(compared, ours);
const misses = ratios.filter(({ met }) => met === false);
const file = values.json ?? join("node_modules", ".cache", "alchemiscale", "bench-python-server.json");
await mkdir(dirname(file), { recursive: true });
const report = {
  at: new Date().toISOString(),
  machine,
  load,
  size,
  withoutPython: withoutPython ?? null,
  sides: measured,
  compared,
  ratios,
};
await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
console.log(`All figures: ${file}`);
console.log(
  misses.length === 0
    ? "Every ratio is met."
    : `Ratios missed: ${misses.map(({ figure, side }) => `${figure} (${side})`).join(", ")}`,
);
process.exitCode = misses.length === 0 ? 0 : 1;
