/** One measured value, perhaps with the target that it is judged by. */
export interface Figure {
  readonly label: string;
  readonly value: number;
  readonly unit: Unit;
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export type Unit = "/s" | "ms" | "s" | "MiB" | "MB/s" | "%" | "×" | "";

/** What one measurement gave. */
export interface Section {
  readonly name: string;
  readonly title: string;
  /** What was measured, and how, in a sentence or two. */
  readonly method: string;
  readonly figures: readonly Figure[];
}

export interface Report {
  readonly at: string;
  readonly store: string;
  readonly quick: boolean;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly node: string };
  readonly sections: readonly Section[];
}

export function missed({ value, target }: Figure): boolean {
  if (target === undefined) return false;
  return "atLeast" in target ? value < target.atLeast : value > target.atMost;
}

/** A section as lines of a table: label, value, target, and a mark where the target is missed. */
export function sectionText(section: Section): string {
  const rows = section.figures.map((figure) => [figure.label, quantity(figure.value, figure.unit), targetText(figure)] as const);
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value, target]) => `  ${label.padEnd(width)}  ${value.padStart(14)}  ${target}`.trimEnd());
  return [`${section.title}`, `  (${section.method})`, ...lines].join("\n");
}

function targetText(figure: Figure): string {
  if (figure.target === undefined) return "";
  const bound =
    "atLeast" in figure.target
      ? `≥ ${quantity(figure.target.atLeast, figure.unit)}`
      : `≤ ${quantity(figure.target.atMost, figure.unit)}`;
  return missed(figure) ? `target ${bound}  MISSED` : `target ${bound}`;
}

function quantity(value: number, unit: Unit): string {
  const digits = unit === "/s" || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === "×" ? `${text}×` : unit === "" ? value.toLocaleString("en") : `${text} ${unit}`;
}
