import { describe, expect, test } from "vitest";
import { tableRows } from "../test/table.ts";
import { parseScope } from "./scope.ts";
import {
  gufeKeyOf,
  InvalidScopedKey,
  parseScopedKey,
  qualnameOf,
  scopedKey,
  scopedKeyFromJson,
  scopedKeyParts,
  scopeOf,
} from "./scoped-key.ts";

interface Row<Input> {
  input: Input;
  ok: boolean;
  scoped_key?: { gufe_key: string; org: string; campaign: string; project: string };
  str?: string;
  qualname?: string;
  scope?: string | null;
}

/** What the Python implementation lets pass until the scope is used, and we refuse at once. */
function isTolerated(row: Row<unknown>): boolean {
  return (
    row.scope === null ||
    row.scope?.includes("*") === true ||
    row.qualname === "" ||
    row.scoped_key?.gufe_key.endsWith("-") === true
  );
}

describe.each(["scoped_key_parse", "scoped_key_fields"])("%s", (table) => {
  test.each(tableRows<Row<unknown>>(table))("$input", (row) => {
    if (!row.ok || isTolerated(row)) {
      expect(() => scopedKeyFromJson(row.input)).toThrow(InvalidScopedKey);
      return;
    }
    const key = scopedKeyFromJson(row.input);
    expect(key).toBe(row.str);
    expect(scopedKeyParts(key)).toEqual(row.scoped_key);
    expect(qualnameOf(key)).toBe(row.qualname);
    expect(scopeOf(key)).toBe(row.scope);
    expect(gufeKeyOf(key)).toBe(row.scoped_key?.gufe_key);
  });
});

test("the message begins as Python clients expect", () => {
  expect(() => parseScopedKey("nonsense")).toThrow(/^input does not appear to be a `ScopedKey`/);
  expect(() => parseScopedKey("Task-ab-o-c-*")).toThrow(/^input does not appear to be a `ScopedKey`/);
});

test("a key is made of a gufe key and a specific scope", () => {
  expect(scopedKey("Task-ab", parseScope("o-c-p"))).toBe("Task-ab-o-c-p");
  expect(() => scopedKey("Task-ab", parseScope("o-c-*"))).toThrow(InvalidScopedKey);
  expect(() => scopedKey("Task", parseScope("o-c-p"))).toThrow(InvalidScopedKey);
});

test("members behind the prototype are not members", () => {
  expect(() => scopedKeyFromJson(Object.create({ gufe_key: "Task-ab", org: "o", campaign: "c", project: "p" }))).toThrow(
    InvalidScopedKey,
  );
});
