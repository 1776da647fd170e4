/** The quickstart with chemistry: what an interpreter that has openfe does for it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AlchemiscaleClient } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import { resultSaver } from "../results/save-results.ts";
import { pullTransformations } from "../results/transformation-results.ts";
import { withUncertainty } from "../results/with-uncertainty.ts";
import { print } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { CommandFailure } from "../usage-error.ts";
import { longStep, step } from "./steps.ts";

/** kcal/mol, about: what longer runs of these very settings give. */
const references = [
  { pattern: /toluene/, value: -3.25 },
  { pattern: /phenol/, value: -18.0 },
] as const;
/** Short windows scatter, and releases of openfe and force fields differ; a wrong sign or a wrong molecule is further off. */
const tolerance = 1;

/** Writes the example network to `file`, and returns it. */
export async function buildOpenfeNetwork(python: string, examples: string, file: string): Promise<string> {
  await runPython(python, [join(examples, "openfe_vacuum_network.py"), file]);
  return file;
}

/** Pulls the results, has openfe make estimates of them, prints them, and says whether they are near what is expected. */
export async function compareWithReference(
  client: AlchemiscaleClient,
  transformations: readonly ScopedKey[],
  python: string,
  examples: string,
  directory: string,
): Promise<boolean> {
  await longStep(
    "pulling results",
    transformations.length,
    (progress) =>
      pullTransformations(client, transformations, { receive: resultSaver(directory), onDone: (done) => progress.update(done) }),
    (results) => `Pulled ${results.reduce((sum, { succeeded }) => sum + succeeded, 0)} results`,
  );
  const estimates = await step(
    async () => readEstimates(await runPython(python, [join(examples, "gather_results.py"), directory, "--json"])),
    () => "Had the protocol gather them",
  );
  const compared = estimates.map((each) => ({
    ...each,
    reference: references.find(({ pattern }) => pattern.test(each.name))?.value ?? null,
  }));
  print();
  print(
    table(
      [
        { title: "transformation", shrinkTo: 12 },
        { title: "ΔF ± σ (kcal/mol)", align: "right" },
        { title: "expected about", align: "right" },
      ],
      compared.map(({ name, estimate, uncertainty, reference }) => [
        name,
        estimate === null ? style("red", "none") : withUncertainty(estimate, uncertainty ?? 0),
        reference === null ? "–" : reference.toFixed(2),
      ]),
    ),
  );
  print(style("dim", "Windows this short show the way; they are no values to publish."));
  const far = compared.filter(
    ({ estimate, reference }) => estimate === null || (reference !== null && Math.abs(estimate - reference) > tolerance),
  );
  if (estimates.length < transformations.length) print(style("red", "There are transformations without a result."));
  for (const { name } of far) print(style("red", `${name} has no estimate within ${tolerance} kcal/mol of what is expected.`));
  return far.length === 0 && estimates.length === transformations.length;
}

interface Estimate {
  readonly name: string;
  readonly estimate: number | null;
  readonly uncertainty: number | null;
}

function readEstimates(output: string): Estimate[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Estimate);
}

async function runPython(python: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 24 });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT")
      throw new CommandFailure(`there is no interpreter ${python}; --python needs the path of a Python that has openfe`);
    throw new CommandFailure(
      `${python} ${args.join(" ")} failed:\n${(stderr ?? String(error)).trimEnd().split("\n").slice(-15).join("\n")}`,
    );
  }
}
