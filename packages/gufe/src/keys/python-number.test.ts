import { expect, test } from "vitest";
import { goldenRows } from "../../test/golden.ts";
import { pythonFloat } from "./python-number.ts";

test("floats are written as Python writes them", () => {
  const rows = goldenRows<[string, string]>("traps/floats.json");
  expect(rows.length).toBeGreaterThan(50);
  for (const [bits, text] of rows) {
    const value = new DataView(
      Uint8Array.from(bits.match(/../g) as string[], (byte) => Number.parseInt(byte, 16)).buffer,
    ).getFloat64(0);
    expect(pythonFloat(value)).toBe(text);
  }
});
