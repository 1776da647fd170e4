/** `analysis …`: what can be computed of files alone. Each case is printed as it is done; what is wrong with one keeps none of the others back. */
import { barOf } from "../analysis/bar-case.ts";
import { barText, closureText, convertText, mbarText, mleText, statisticsText } from "../analysis/case-text.ts";
import { type ClosureOptions, closureOf } from "../analysis/closure-case.ts";
import { convertOf } from "../analysis/convert-case.ts";
import { mbarOf } from "../analysis/mbar-case.ts";
import { mleOf } from "../analysis/mle-case.ts";
import { printCases } from "../analysis/print-cases.ts";
import { statisticsOf } from "../analysis/statistics-case.ts";

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
