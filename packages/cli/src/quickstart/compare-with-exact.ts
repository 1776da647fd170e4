import type { AlchemiscaleClient } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import { pullTransformations } from "../results/transformation-results.ts";
import { withUncertainty } from "../results/with-uncertainty.ts";
import { print } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { type Judgement, judgeEstimates } from "./judge-estimates.ts";
import { longStep } from "./steps.ts";

/** Pulls the results, prints the estimates beside the exact values, and says whether they agree. */
export async function compareWithExact(
  client: AlchemiscaleClient,
  transformations: readonly ScopedKey[],
  exact: (transformation: string) => number,
): Promise<boolean> {
  const pulled = await longStep(
    "pulling results",
    transformations.length,
    (progress) => pullTransformations(client, transformations, { onDone: (done) => progress.update(done) }),
    (results) => `Pulled ${results.reduce((sum, { succeeded }) => sum + succeeded, 0)} results`,
  );
  const edges = await Promise.all(
    pulled.map(async ({ transformation, name, estimate }) => ({
      name,
      estimate: estimate?.estimate ?? Number.NaN,
      uncertainty: estimate?.uncertainty ?? Number.NaN,
      exact: exact(await client.getTransformation(transformation)),
    })),
  );
  edges.sort((a, b) => (a.name < b.name ? -1 : 1));
  const judgement = judgeEstimates(edges);
  print();
  print(
    table(
      [
        { title: "transformation", shrinkTo: 12 },
        { title: "ΔF ± σ (kcal/mol)", align: "right" },
        { title: "exact", align: "right" },
        { title: "off by", align: "right" },
      ],
      edges.map(({ name, estimate, uncertainty, exact }, index) => [
        name,
        Number.isFinite(estimate) ? withUncertainty(estimate, uncertainty) : "none",
        exact.toFixed(3),
        pullText(judgement.pulls[index] ?? Number.NaN),
      ]),
    ),
  );
  print();
  printJudgement(judgement);
  return judgement.agrees;
}

function pullText(pull: number): string {
  if (!Number.isFinite(pull)) return style("red", "–");
  const size = Math.abs(pull).toFixed(1);
  const text = `${size === "0.0" ? "" : pull < 0 ? "−" : "+"}${size} σ`;
  return Math.abs(pull) > 5 ? style("red", text) : Math.abs(pull) > 2 ? style("yellow", text) : text;
}

function printJudgement(judgement: Judgement): void {
  const { chiSquare, degrees, probability } = judgement;
  if (judgement.agrees) {
    print(
      `${style("green", "✔")} The estimates agree with the exact values: χ² = ${chiSquare.toFixed(1)} over ${degrees} edges (p = ${probability.toPrecision(2)}).`,
    );
    return;
  }
  print(`${style("red", "✘")} The estimates do not agree with the exact values:`);
  for (const objection of judgement.objections) print(`  ${objection}`);
}
