import { expect, test } from "vitest";
import { convert, InvalidUnit } from "./unit-conversion.ts";

test.each([
  [1e-8, "meter ** 2 / second", "nanometer ** 2 / picosecond", 0.01],
  [500, "femtosecond", "picosecond", 0.5],
  [2, "hour", "second", 7200],
  [4.184, "kilojoule / mole", "kilocalorie_per_mole", 1],
  [1, "kilocalorie_per_mole / angstrom ** 2", "kilocalorie_per_mole / nanometer ** 2", 100],
  [3, "1 / picosecond", "1 / nanosecond", 3000],
])("%d %s in %s", (magnitude, from, to, expected) => {
  expect(convert(magnitude, from, to)).toBeCloseTo(expected, 12);
});

test("the same unit keeps every digit", () => {
  expect(convert(0.1 + 0.2, "nanometer", "nanometer")).toBe(0.1 + 0.2);
});

test.each(["nanometer", "degree_Celsius", "furlong", "", "constructor", "second ** x"])("%j is no time", (unit) => {
  expect(() => convert(1, unit, "second")).toThrow(InvalidUnit);
});
