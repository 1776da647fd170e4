import { expect, it } from "vitest";
import { compileJavaPattern } from "./java-pattern.ts";

const cases: readonly (readonly [pattern: string, value: string, matches: boolean])[] = [
  ["a.b", "a-b", true],
  ...["\n", "\r", "\u0085", "\u2028", "\u2029"].flatMap((separator): [string, string, boolean][] => [
    ["a.b", `a${separator}b`, false],
    [".*", `a${separator}b`, false],
    ["(?s)a.b", `a${separator}b`, true],
    ["(?s:a).b", `a${separator}b`, false],
    ["(?s:a.b)", `a${separator}b`, true],
    ["((?s)a).b", `a${separator}b`, false],
    ["(?s)(?-s:a.)b", `a${separator}b`, false],
    ["a[.\\s\\x{85}\\x{2028}\\x{2029}]b", `a${separator}b`, true],
  ]),
  ["a\u000bb", "a\u000bb", true],
  ["a.b", "a\u000bb", true],
  ["a.b", "a\u{1f600}b", true],
  ["a\\.b", "a-b", false],
  ["a\\.b", "a.b", true],
  ["a[.]b", "a-b", false],
  ["[].]b", ".b", true],
  ["\\Qa.b\\E", "a-b", false],
  ["\\Qa.b\\E.", "a.b-", true],
  ["(?i)A.B", "a-b", true],
  ["(?<name>a.)b", "a-b", true],
  ["active|inactive", "inactive", true],
  ["active", "inactive", false],
];

it.each(cases)("%j of %j: %j", (pattern, value, matches) => {
  expect(compileJavaPattern(pattern)(value)).toBe(matches);
});

it.each(["(", "[a", "*", "(?=a)", "a".repeat(5000)])("%j is refused", (pattern) => {
  expect(() => compileJavaPattern(pattern)).toThrow(expect.objectContaining({ name: "InvalidPattern" }));
});
