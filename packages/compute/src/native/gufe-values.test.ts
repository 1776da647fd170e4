import { expect, test } from "vitest";
import { datetime, float } from "./gufe-values.ts";

test.each([
  [1, "1.0"],
  [-2.5, "-2.5"],
  [0, "0.0"],
  [-0, "-0.0"],
  [1e-4, "0.0001"],
  [1.5e-5, "1.5e-05"],
  [1e15, "1000000000000000.0"],
  [1e16, "1e+16"],
  [-1.25e100, "-1.25e+100"],
  [0.1 + 0.2, "0.30000000000000004"],
  [12345.678, "12345.678"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
])("%d is written %s, as Python would", (value, text) => {
  expect(float(value).text).toBe(text);
});

test.each([
  ["2026-01-02T03:04:05.00006", "2026-01-02T03:04:05.000060"],
  ["2026-01-02T03:04:05.5", "2026-01-02T03:04:05.500000"],
  ["2026-01-02T03:04:05", "2026-01-02T03:04:05"],
  ["2026-01-02T03:04:05.000000499", "2026-01-02T03:04:05"],
])("the time %s is written %s", (time, text) => {
  expect(datetime(Temporal.PlainDateTime.from(time)).get("isotime")).toBe(text);
});
