/** `analysis …`: what can be computed of files alone. Each case is printed as it is done; what is wrong with one keeps none of the others back. */
import { InvalidInput, OverlapError } from "@alchemiscale/analysis";
import { barOf } from "../analysis/bar-case.ts";
import { barText, closureText, convertText, mbarText, mleText, statisticsText } from "../analysis/case-text.ts";
import { type ClosureOptions, closureOf } from "../analysis/closure-case.ts";
import { convertOf } from "../analysis/convert-case.ts";
import { mbarOf } from "../analysis/mbar-case.ts";
import { mleOf } from "../analysis/mle-case.ts";
import { statisticsOf } from "../analysis/statistics-case.ts";
import { readCases } from "../analysis/table-cases.ts";
import { note, print } from "../terminal/print.ts";
import { style, styleError } from "../terminal/style.ts";

interface Options {
  readonly json?: boolean;
}

export function analysisBar(file: string, options: Options): Promise<void> {
  return printCases(file, options, { compute: barOf, text: barText, errorName: "bar_error" });
}

export function analysisMbar(file: string, options: Options): Promise<void> {
  return printCases(file, options, { compute: mbarOf, text: mbarText, errorName: "mbar_error" });
}

export function analysisMle(file: string, options: Options): Promise<void> {
  return printCases(file, options, { compute: mleOf, text: mleText, errorName: "mle_error" });
}

export function analysisClosure(file: string, options: Options & ClosureOptions): Promise<void> {
  return printCases(file, options, {
    compute: (value) => closureOf(value, options),
    text: closureText,
    errorName: "cycles_error",
  });
}

export function analysisStatistics(file: string, options: Options): Promise<void> {
  return printCases(file, options, { compute: statisticsOf, text: statisticsText, errorName: "statistics_error" });
}

export function analysisConvert(file: string, options: Options): Promise<void> {
  return printCases(file, options, { compute: convertOf, text: convertText, errorName: "convert_error" });
}

interface Verb<Output> {
  readonly compute: (value: unknown) => Output;
  readonly text: (output: Output) => string;
  /** What the tables call an error of this kind. */
  readonly errorName: string;
}

async function printCases<Output>(file: string, { json }: Options, { compute, text, errorName }: Verb<Output>): Promise<void> {
  const { cases, nameOf } = await readCases(file);
  for (const [index, value] of cases.entries()) {
    const place = nameOf(index);
    const name = nameIn(value);
    const title = [place, name].filter((part) => part !== undefined).join(" ");
    if (title !== "" && !json) print(`${index === 0 ? "" : "\n"}${style("bold", title)}`);
    try {
      const output = compute(value);
      if (json) print(JSON.stringify(name === undefined ? output : { name, ...output }));
      else print(text(output));
    } catch (error) {
      if (!(error instanceof InvalidInput || error instanceof OverlapError)) throw error;
      const { message } = place !== undefined && error instanceof InvalidInput ? error.within(place) : error;
      note(`${styleError("red", "error:")} ${file}: ${message}`);
      if (json) print(JSON.stringify({ ...(name === undefined ? {} : { name }), [errorName]: message, error: message }));
      // Wrong input outweighs samples that are too poor.
      process.exitCode = error instanceof InvalidInput ? 2 : (process.exitCode ?? 1);
    }
  }
}

function nameIn(value: unknown): string | undefined {
  const name = typeof value === "object" && value !== null && "name" in value ? value.name : undefined;
  return typeof name === "string" ? name : undefined;
}
