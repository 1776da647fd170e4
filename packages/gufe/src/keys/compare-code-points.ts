/**
 * Orders strings by Unicode code point, as Python does. JavaScript's own order is by UTF-16 unit, which puts astral characters
 * (surrogates, U+D800…U+DFFF) before U+E000…U+FFFF. (spec/gufe.md §1.7)
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(a, i, x) - rank(b, i, y);
  }
  return a.length - b.length;
}

/** The unit's place in code point order. Half of a pair stands for an astral character; a lone surrogate for itself. */
function rank(text: string, at: number, unit: number): number {
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  const paired = unit < 0xdc00 ? isLow(text.charCodeAt(at + 1)) : isHigh(text.charCodeAt(at - 1));
  return paired ? unit + 0x10000 : unit;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
