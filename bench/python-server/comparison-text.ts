import { type FigureDescription, type Figures, figureList, timesBetter } from "./figures-of-a-side.ts";

export interface MeasuredSide {
  readonly name: string;
  readonly description: string;
  readonly figures: Figures;
}

export interface Ratio {
  readonly figure: string;
  readonly side: string;
  readonly times: number;
  readonly target?: number;
  readonly met?: boolean;
}

/** How many times better each of ours is; the target on PostgreSQL is half of that on embedded stores. */
export function ratiosOf(python: Figures, ours: readonly MeasuredSide[]): Ratio[] {
  return figureList.flatMap((description) =>
    ours.flatMap((side): Ratio[] => {
      const times = timesBetter(description, python, side.figures);
      if (times === undefined) return [];
      const target = targetFor(description, side.name);
      return [
        { figure: description.name, side: side.name, times, ...(target !== undefined && { target, met: times >= target }) },
      ];
    }),
  );
}

function targetFor({ target }: FigureDescription, side: string): number | undefined {
  return target === undefined || side === "embedded" ? target : target / 2;
}

/** A table: a line a figure; the Python server, then each of ours with its ratio. */
export function comparisonText(python: Figures, ours: readonly MeasuredSide[]): string {
  const ratios = ratiosOf(python, ours);
  const rows = figureList.map((description) => {
    const { name, label, unit } = description;
    const cells = ours.flatMap((side) => {
      const ratio = ratios.find((one) => one.figure === name && one.side === side.name);
      return [quantity(side.figures[name], unit), ratio === undefined ? "" : ratioText(ratio)];
    });
    return [label, quantity(python[name], unit), ...cells];
  });
  const head = ["", "Python", ...ours.flatMap(({ name }) => [name, ""])];
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [head, ...rows].map(line).join("\n");
}

function ratioText({ times, target, met }: Ratio): string {
  const text = `${number(times)}×`;
  return target === undefined ? text : `${text} (≥ ${number(target)}×${met === true ? "" : " MISSED"})`;
}

function quantity(value: number | undefined, unit: FigureDescription["unit"]): string {
  return value === undefined ? "–" : `${number(value)}${unit === "/s" ? "" : " "}${unit}`;
}

function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
