import { expect, test } from "vitest";
import { maySkipInCi, skippedLines } from "./test-summary.ts";

const file = "packages/gufe/src/a.test.ts";

test("skipped tests are told by file and reason, with their number", () => {
  const skipped = [
    { file, name: "real networks > tyk2", note: undefined },
    { file, name: "real networks > hydration", note: undefined },
    { file, name: "alone", note: "needs ../shared" },
    { file, name: "alone without a reason", note: undefined },
  ];
  expect(skippedLines(skipped)).toEqual([
    `skipped 2 in ${file}: real networks`,
    `skipped 1 in ${file}: needs ../shared`,
    `skipped 1 in ${file}`,
  ]);
});

test("with CI=true only the want of ../shared or of a Python with gufe excuses", () => {
  expect(maySkipInCi({ file, name: "networks of ../shared > tyk2", note: undefined })).toBe(true);
  expect(maySkipInCi({ file, name: "the executor", note: "ALCHEMISCALE_TEST_PYTHON is not set" })).toBe(true);
  expect(maySkipInCi({ file, name: "on PostgreSQL > claims", note: "no PostgreSQL here" })).toBe(false);
});
