import type { TransformationEstimate } from "@alchemiscale/analysis";
import { estimateOfFiles } from "../analysis/estimate-files.ts";
import { print } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";

interface Options {
  readonly transformation?: string;
  readonly json?: boolean;
}

/** `analysis estimate`: exit code 1 where a result could not be read. */
export async function analysisEstimate(files: readonly string[], { transformation, json }: Options): Promise<void> {
  const estimate = await estimateOfFiles(files, transformation);
  if (json) print(JSON.stringify(estimate));
  else printEstimate(estimate);
  if (estimate.flags.some(({ code }) => code === "unreadable-result" || code === "unknown-protocol")) process.exitCode = 1;
}

function printEstimate({ protocol, estimate, uncertainty, uncertaintyKind, n, perLeg, flags }: TransformationEstimate): void {
  print(`${style("bold", protocol)}: ${n} ${n === 1 ? "result" : "results"}`);
  if (estimate === null) print("There is no estimate.");
  else print(`${estimate.toFixed(4)} ± ${uncertainty === null ? "–" : uncertainty.toFixed(4)} kcal/mol (${uncertaintyKind})`);
  if (perLeg.length > 0) {
    const right = (title: string) => ({ title, align: "right" as const });
    print();
    print(
      table(
        [{ title: "leg" }, right("sign"), right("n"), right("mean"), right("sd"), right("error of one")],
        perLeg.map(({ leg, sign, n: repeats, mean, sd, error }) => [
          leg ?? "",
          sign > 0 ? "+" : "−",
          String(repeats),
          mean.toFixed(4),
          sd.toFixed(4),
          error === null ? "–" : error.toFixed(4),
        ]),
      ),
    );
  }
  for (const { code, message } of flags) print(printable(`${code}: ${message}`));
}
