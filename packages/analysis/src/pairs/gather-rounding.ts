/**
 * A value and its uncertainty as `openfe gather` prints them: the uncertainty with so many significant digits (1; 2 for absolute binding
 * and SepTop), the value to the same decimals, and never fewer than one. (openfecli 1.12, `format_estimate_uncertainty`; spec/analysis.md §4)
 */
export function gatherRounding(value: number, uncertainty: number, significantDigits = 1): readonly [string, string] {
  const column = firstColumn(uncertainty) - (significantDigits - 1);
  const shown = (number: number): string =>
    column < 0 ? fixed(number, -column) : asPythonFloat(roundedHalfToEven(number, 1 - column));
  return [shown(value), shown(uncertainty)];
}

/** Of the first digit that is not 0: 1 before the point, −1 behind it; 0 for 0. */
function firstColumn(value: number): number {
  if (value === 0) return 0;
  const log = Math.log10(value);
  return log >= 0 ? Math.floor(log + 1) : Math.floor(log);
}

/** `toFixed`, but a 0 keeps its sign as in Python. */
function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return (value < 0 || Object.is(value, -0)) && !text.startsWith("-") ? `-${text}` : text;
}

/** As `numpy.round`; negative decimals round before the point. */
function roundedHalfToEven(value: number, decimals: number): number {
  const scale = 10 ** Math.abs(decimals);
  const scaled = decimals >= 0 ? value * scale : value / scale;
  const below = Math.floor(scaled);
  const whole = scaled - below === 0.5 ? below + Math.abs(below % 2) : Math.round(scaled);
  return decimals >= 0 ? whole / scale : whole * scale;
}

/** A whole number as Python writes a float. */
function asPythonFloat(value: number): string {
  const sign = Object.is(value, -0) ? "-" : "";
  return Number.isInteger(value) ? `${sign}${value}.0` : String(value);
}
