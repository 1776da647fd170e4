import { InvalidInput, OverlapError } from "@alchemiscale/analysis";
import { note, print } from "../terminal/print.ts";
import { style, styleError } from "../terminal/style.ts";
import { readCases, wholeCase } from "./table-cases.ts";

/** What a command does with each case of a file. */
export interface CaseVerb<Output> {
  readonly compute: (value: unknown) => Output;
  readonly text: (output: Output) => string;
  /** What the tables call an error of this kind. */
  readonly errorName: string;
  /** Members of a whole table that its rows share. */
  readonly shared?: readonly string[];
}

/** Each case of a file is printed as it is done; what is wrong with one keeps none of the others back. */
export async function printCases<Output>(
  file: string,
  { json }: { readonly json?: boolean },
  { compute, text, errorName, shared = [] }: CaseVerb<Output>,
): Promise<void> {
  const { cases, nameOf } = await readCases(file, shared);
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
      const { message } = place !== undefined && error instanceof InvalidInput ? placed(error, place) : error;
      note(`${styleError("red", "error:")} ${file}: ${message}`);
      if (json) print(JSON.stringify({ ...(name === undefined ? {} : { name }), [errorName]: message, error: message }));
      // Wrong input outweighs samples that are too poor.
      process.exitCode = error instanceof InvalidInput ? 2 : (process.exitCode ?? 1);
    }
  }
}

function placed(error: InvalidInput, place: string): InvalidInput {
  return error.field === wholeCase ? new InvalidInput(place, error.rule) : error.within(place);
}

function nameIn(value: unknown): string | undefined {
  const name = typeof value === "object" && value !== null && "name" in value ? value.name : undefined;
  return typeof name === "string" ? name : undefined;
}
