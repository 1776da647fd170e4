/** Tables that fit the terminal. */
import Table from "cli-table3";
import { style } from "./style.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** May be cut, with an ellipsis, where the terminal is too narrow. At least this wide. */
  readonly shrinkTo?: number;
}

/** Two spaces between columns, as `ls` and `ps` have. */
const gap = 2;

/**
 * A table without frames.
 * @param rows Cells, as many as there are columns; they may hold colour.
 * @param width Columns of the terminal; unlimited when the output is no terminal, so that nothing is lost in a file.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = process.stdout.columns ?? Infinity,
): string {
  const widths = fittedWidths(columns, rows, width);
  const rendered = new Table({
    head: columns.map(({ title }) => style("bold", title)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    colWidths: widths.map((each) => each + gap),
    chars: frameless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap, compact: true },
  });
  for (const row of rows) rendered.push([...row]);
  return rendered
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function fittedWidths(columns: readonly Column[], rows: readonly (readonly string[])[], available: number): number[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(visibleLength(title), ...rows.map((row) => visibleLength(row[index] ?? ""))),
  );
  let excess = widths.reduce((sum, each) => sum + each, 0) + gap * (columns.length - 1) - available;
  while (excess > 0) {
    // One character from the widest that may still give one: wide columns shrink to a common width first.
    let widest = -1;
    for (const [index, { shrinkTo }] of columns.entries()) {
      const own = widths[index] ?? 0;
      if (shrinkTo !== undefined && own > shrinkTo && own > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function visibleLength(text: string): number {
  return [...stripStyles(text)].length;
}

function stripStyles(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: styles are written with the escape character.
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

const frameless = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};
