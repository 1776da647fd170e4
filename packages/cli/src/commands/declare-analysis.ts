/** The part of the command line that computes from files alone, without a server. */
import { type Command, Option } from "commander";
import { json, wholeNumber, withCases, withExample } from "./user-command.ts";

export function declareAnalysis(analysis: Command): void {
  const load = () => import("./analysis.ts");
  const verb = (name: string, ...examples: readonly string[]): Command =>
    withCases(withExample(analysis.command(name), ...examples.map((example) => `analysis ${name} ${example}`)));

  verb("bar", "work.json", "work.json --json")
    .summary("free energy difference from work in both directions")
    .description(
      'Bennett\'s acceptance ratio and exponential averages of the work "w_F" (0 → 1) and "w_R" (1 → 0), all in kT. With "bootstrap_indices" also of these resamples.',
    )
    .action(async (file, options) => (await load()).analysisBar(file, options));
  verb("mbar", "energies.json")
    .summary("free energies of many states from samples")
    .description(
      'MBAR of the reduced energies "u_kn" (a row for each state, a column for each sample) of "N_k" samples of each state, in kT.',
    )
    .action(async (file, options) => (await load()).analysisMbar(file, options));
  verb("mle", "network.json", "network.json --json")
    .summary("free energies of a network's ligands from its edges")
    .description(
      'The free energies that are most likely given the edges {"a", "b", "ddg", "sigma"} of a network (kcal/mol), with covariance and all pairs. Parts that are not connected have a reference each. No floor is put under σ.',
    )
    .action(async (file, options) => (await load()).analysisMle(file, options));
  verb("closure", "network.json", "network.json --longest 4 --parallel combine")
    .summary("how well the cycles of a network close")
    .description("How well the cycles of a network close, by cycle and by edge.")
    .option("--longest <number>", "ligands in a cycle at most", wholeNumber(1, 12), 5)
    .addOption(
      new Option("--parallel <how>", "several edges of one pair: averaged by 1/σ², or as cinnabar takes one of them")
        .choices(["combine", "cinnabar"])
        .default("cinnabar"),
    )
    .action(async (file, options) => (await load()).analysisClosure(file, options));
  verb("statistics", "series.json", "network.json --json")
    .summary("agreement with experiment: RMSE, MUE, R², ρ, τ, …")
    .description(
      'Statistics of the series "x" (experiment) and "y" (calculated) with bootstrap intervals, or of a network with "experiment" by ligand.',
    )
    .action(async (file, options) => (await load()).analysisStatistics(file, options));
  verb("convert", "affinities.json")
    .summary("affinities as ΔG, Ki, IC50 and pIC50")
    .description(
      'An affinity {"from", "to", "value", "sigma", "temperature"} as another: of dg (kcal/mol), ki, ic50 (nM), pic50.',
    )
    .action(async (file, options) => (await load()).analysisConvert(file, options));
  withExample(
    analysis.command("estimate"),
    "analysis estimate result.json.zst --transformation transformation.json",
    "analysis estimate results/*.json --json",
  )
    .summary("the free energy difference of one Transformation from files of its results")
    .description(
      "The estimate of a Transformation from its ProtocolDAGResults (keyed chains, also gzip or zstd, as they are stored or were posted), or from the files that `openfe quickrun` writes.",
    )
    .argument("<files...>", "all results of one Transformation")
    .option("--transformation <file>", "the Transformation, where the results alone do not tell protocol and temperature")
    .addOption(json())
    .action(async (files, options) => (await import("./analysis-estimate.ts")).analysisEstimate(files, options));
}
