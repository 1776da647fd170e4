import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tableRows } from "../test/table.ts";
import { InvalidScope, isSpecific, parseScope, scopeFromJson, scopeFromParts, scopeParts } from "./scope.ts";

interface Row<Input> {
  input: Input;
  ok: boolean;
  scope?: { org: string | null; campaign: string | null; project: string | null };
  str?: string;
  specific?: boolean;
}

describe("the text form of a scope", () => {
  test.each(tableRows<Row<string>>("scope_parse"))("$input", (row) => {
    if (!row.ok) {
      expect(() => parseScope(row.input)).toThrow(InvalidScope);
      return;
    }
    const scope = parseScope(row.input);
    expect(scope).toBe(row.str);
    expect(scopeParts(scope)).toEqual(row.scope);
    expect(isSpecific(scope)).toBe(row.specific);
  });

  test("says which characters a component may have", () => {
    expect(() => parseScope("o-c.d-p")).toThrow("contain only alphanumeric or underscore");
  });
});

describe("the JSON form of a scope", () => {
  // The Python models check the hierarchy before `*` becomes a wildcard and so let these pass; we refuse them.
  const hierarchyEscapes = new Set(["*-c-*", "*-c-p", "o-*-p"]);

  test.each(tableRows<Row<Record<string, unknown>>>("scope_fields"))("$input", (row) => {
    if (row.ok && !hierarchyEscapes.has(row.str ?? "")) {
      expect(scopeFromJson(row.input)).toBe(row.str);
      expect(scopeFromJson(new Map(Object.entries(row.input)))).toBe(row.str);
    } else {
      expect(() => scopeFromJson(row.input)).toThrow(InvalidScope);
    }
  });

  test.each([["o-c-p"], [null], [["o"]], [{ org: "o", extra: 1 }]])("refuses %j", (value) => {
    expect(() => scopeFromJson(value)).toThrow(InvalidScope);
  });
});

test("parts and text are two forms of the same", () => {
  const component = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]*$/);
  const parts = fc.oneof(
    fc.constant({}),
    fc.record({ org: component }),
    fc.record({ org: component, campaign: component }),
    fc.record({ org: component, campaign: component, project: component }),
  );
  fc.assert(
    fc.property(parts, (given) => {
      const scope = scopeFromParts(given);
      expect(scopeFromParts(scopeParts(scope))).toBe(scope);
      expect(parseScope(scope)).toBe(scope);
    }),
  );
});
