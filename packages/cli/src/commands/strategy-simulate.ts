/** `strategy simulate`: how the errors of a network would fall, before any GPU is used. */
import type { TaskScaling } from "@alchemiscale/contract";
import {
  assumedNoise,
  type Contender,
  compareStrategies,
  contenders,
  defaultAssumptions,
  type ErrorCurve,
  hoursToError,
  largeNetwork,
  type NoiseModel,
  type StrategyNetwork,
  starNetwork,
  tyk2LikeNetwork,
} from "@alchemiscale/strategist";
import { readNetworks, readStrategies } from "../strategy/read-strategy-files.ts";
import { readNoise } from "../strategy/recorded-noise.ts";
import { print } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { UsageError } from "../usage-error.ts";

interface SimulateOptions {
  readonly network: readonly string[];
  readonly example: readonly string[];
  readonly strategy: readonly string[];
  readonly noise?: string;
  readonly difficulty: number;
  readonly rounds: number;
  readonly replicates: number;
  readonly seed: string;
  readonly maxTasks: number;
  readonly scaling: TaskScaling;
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/** Networks that come with the command. */
const exampleNetworks: Readonly<Record<string, () => StrategyNetwork>> = {
  "tyk2-like": tyk2LikeNetwork,
  star: starNetwork,
  "200-ligands": largeNetwork,
};

const levels = [0.5, 0.4, 0.3, 0.25, 0.2];

export async function strategySimulate(options: SimulateOptions): Promise<void> {
  const networks = new Map(options.example.map((name) => [name, exampleNetworks[name]?.() ?? { systems: [], edges: [] }]));
  for (const [key, network] of await readNetworks(options.network)) networks.set(key, network);
  if (networks.size === 0) throw new UsageError("name a network: --network FILE, or --example NAME");
  const chosen = await chosenContenders(options.strategy);
  const recorded = options.noise === undefined ? undefined : await readNoise(options.noise, [...networks.values()]);
  for (const [name, network] of networks) {
    const noise = noiseOf(network, recorded, options);
    const round = [...noise(0).values()].reduce((sum, { gpuHours }) => sum + gpuHours, 0);
    const { replicates, seed, scaling, maxTasks, rounds } = options;
    const curves = compareStrategies({
      network,
      noise,
      contenders: chosen,
      replicates,
      seed,
      scaling,
      maxTasksPerTransformation: maxTasks,
      maxGpuHours: rounds * round,
      points: 20 * rounds,
    });
    // What a result of everything, three times over, leaves.
    const reference = curves.find((curve) => curve.name === "connectivity")?.error[20 * Math.min(3, rounds) - 1] ?? null;
    const at = reference === null ? levels : [...levels, reference].sort((a, b) => b - a);
    const output = { network: name, transformations: network.edges.length, round_gpu_hours: round, replicates, curves };
    if (options.json) print(JSON.stringify({ ...output, hours_to_error: hoursTo(curves, at) }));
    else printComparison(output, at, reference, options.markdown === true);
  }
}

async function chosenContenders(names: readonly string[]): Promise<readonly Contender[]> {
  if (names.length === 0) return contenders.slice(0, 5);
  return Promise.all(
    names.map(async (name): Promise<Contender> => {
      const known = contenders.find((contender) => contender.name === name);
      if (known !== undefined) return known;
      const [strategy] = (await readStrategies([name])).values();
      if (strategy === undefined) throw new UsageError(`${name} is no strategy`);
      return { name, propose: strategy.propose };
    }),
  );
}

function noiseOf(
  network: StrategyNetwork,
  recorded: NoiseModel | undefined,
  options: SimulateOptions,
): (replicate: number) => NoiseModel {
  const assumptions = { ...defaultAssumptions, difficulty: options.difficulty };
  return (replicate) => {
    const noise = assumedNoise(network, assumptions, `${options.seed} ${replicate}`);
    return new Map([...noise].map(([key, assumed]) => [key, recorded?.get(key) ?? assumed]));
  };
}

interface Comparison {
  readonly network: string;
  readonly transformations: number;
  readonly round_gpu_hours: number;
  readonly replicates: number;
  readonly curves: readonly ErrorCurve[];
}

function hoursTo(curves: readonly ErrorCurve[], at: readonly number[]): Record<string, Record<string, number | null>> {
  return Object.fromEntries(
    curves.map((curve) => [curve.name, Object.fromEntries(at.map((level) => [level.toFixed(3), hoursToError(curve, level)]))]),
  );
}

function printComparison(comparison: Comparison, at: readonly number[], reference: number | null, markdown: boolean): void {
  const { network, transformations, round_gpu_hours, replicates, curves } = comparison;
  const lines = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
    markdown
      ? [titles, titles.map((_, i) => (i === 0 ? "---" : "---:")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")
      : table(
          titles.map((title, i) => ({ title, align: i === 0 ? "left" : "right" })),
          rows,
        );
  print(markdown ? `## ${network}\n` : style("bold", network));
  print(
    `${transformations} Transformations; one result of each takes ${Math.round(round_gpu_hours)} GPU hours; ${replicates} simulated campaigns for each strategy.\n`,
  );
  const rounds = [1, 2, 3, 4, 6, 8].filter((round) => round * 20 <= (curves[0]?.gpuHours.length ?? 0));
  print("Error of ΔG (kcal/mol) after so many GPU hours:\n");
  const hours = rounds.map((round) => String(Math.round(round * round_gpu_hours)));
  print(
    lines(
      ["strategy", ...hours],
      curves.map(({ name, error }) => [name, ...rounds.map((round) => decimals(error[20 * round - 1]))]),
    ),
  );
  print("\nGPU hours until the error stays at or below so much, and in percent of those of connectivity:\n");
  const baseline = curves.find(({ name }) => name === "connectivity");
  const cell = (curve: ErrorCurve, level: number): string => {
    const [own, other] = [hoursToError(curve, level), baseline === undefined ? null : hoursToError(baseline, level)];
    if (own === null) return "–";
    return `${Math.round(own)}${other === null ? "" : ` (${Math.round((100 * own) / other)} %)`}`;
  };
  print(
    lines(
      ["strategy", ...at.map((level) => (level === reference ? `${level.toFixed(3)} *` : String(level)))],
      curves.map((curve) => [curve.name, ...at.map((level) => cell(curve, level))]),
    ),
  );
  if (reference !== null)
    print(
      "\n\\* the error that connectivity has with three results of everything, its default.".replace(
        /^\n\\/,
        markdown ? "\n\\" : "\n",
      ),
    );
  print();
}

function decimals(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(3);
}
