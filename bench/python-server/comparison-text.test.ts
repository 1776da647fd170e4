import { expect, test } from "vitest";
import { comparisonText, ratiosOf } from "./comparison-text.ts";

const python = { submitNetwork: 4, claimsBy32: 3, startApis: 2 };
const side = (name: string, figures: Readonly<Record<string, number>>) => ({ name, description: "", figures });

test("a ratio says how many times better, whether less is better or more", () => {
  expect(ratiosOf(python, [side("embedded", { submitNetwork: 0.1, claimsBy32: 600, startApis: 4 })])).toEqual([
    { figure: "submitNetwork", side: "embedded", times: 40, target: 12, met: true },
    { figure: "claimsBy32", side: "embedded", times: 200, target: 300, met: false },
    { figure: "startApis", side: "embedded", times: 0.5 },
  ]);
});

test("on PostgreSQL half of a target is enough", () => {
  const [ratio] = ratiosOf(python, [side("postgres", { claimsBy32: 600 })]);
  expect(ratio).toEqual({ figure: "claimsBy32", side: "postgres", times: 200, target: 150, met: true });
});

test("the table shows what is missing, and marks what is missed", () => {
  const text = comparisonText(python, [side("embedded", { submitNetwork: 1, claimsBy32: 900 })]);
  expect(text).toMatch(/submit a large network +4\.00 s +1\.00 s +4\.00× \(≥ 12\.0× MISSED\)/);
  expect(text).toMatch(/claims by 32 claimers +3\.00\/s +900\/s +300× \(≥ 300×\)/);
  expect(text).toMatch(/create Tasks +– +–/);
});
