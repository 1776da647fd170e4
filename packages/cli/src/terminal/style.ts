/** Colour where it helps: on a terminal, and not where NO_COLOR is set. */
import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** For text that goes to standard output; as it is when that is no terminal or NO_COLOR is set. */
export function style(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** The same for standard error. */
export function styleError(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stderr });
}
