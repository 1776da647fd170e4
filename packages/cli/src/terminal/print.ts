/** What a command says: its result on standard output, everything else on standard error. */
import { styleError } from "./style.ts";

/** One line, or several, of the command's result. */
export function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** A value for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** What a person may want to know beside the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function warn(text: string): void {
  process.stderr.write(`${styleError("yellow", "warning:")} ${text}\n`);
}
