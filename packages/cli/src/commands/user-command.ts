/** What the declarations of the users' commands have in common. */
import { type Command, InvalidArgumentError, Option } from "commander";

/** Commands that ask a running server. */
export function withApi(command: Command): Command {
  return command
    .addOption(
      new Option("--profile <name>", "server, identity and key as kept by login (default: the profile `default`)").conflicts([
        "apiUrl",
        "identifier",
        "key",
      ]),
    )
    .option("--api-url <url>", "address of the user API (or ALCHEMISCALE_URL; default: http://127.0.0.1:8000)")
    .option("--identifier <name>", "your identity (or ALCHEMISCALE_ID)")
    .option("--key <key>", "its key (better in ALCHEMISCALE_KEY, where others on this machine cannot see it)");
}

/** How the verbs below a command that ask a running server are declared: name, and examples for the end of their help. */
export function apiVerbs(parent: Command): (name: string, ...examples: readonly string[]) => Command {
  return (name, ...examples) => withExample(withApi(parent.command(name)), ...examples);
}

/** Commands that answer the cases of a file one after the other. */
export function withCases(command: Command): Command {
  return command
    .argument("<file>", "JSON, also gzip or zstd; `-` is standard input")
    .addOption(json("print JSON, an object a line for each case"));
}

export function json(description = "print JSON, for programs"): Option {
  return new Option("--json", description);
}

/** Adds examples to the end of a command's help; each is what follows `alchemiscale`. */
export function withExample(command: Command, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ alchemiscale ${example}`);
  return command.addHelpText("after", `\n${lines.length === 1 ? "Example" : "Examples"}:\n${lines.join("\n")}`);
}

/** A parser of options that may be given several times. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A parser of whole numbers within bounds, both allowed. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
}

export function weight(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1)) throw new InvalidArgumentError("It must be a number from 0 to 1.");
  return value;
}
