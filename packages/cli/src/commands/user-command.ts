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

export function json(description = "print JSON, for programs"): Option {
  return new Option("--json", description);
}

/** Adds examples to the end of a command's help; each is what follows `alchemiscale`. */
export function withExample(command: Command, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ alchemiscale ${example}`);
  return command.addHelpText("after", `\n${lines.length === 1 ? "Example" : "Examples"}:\n${lines.join("\n")}`);
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
