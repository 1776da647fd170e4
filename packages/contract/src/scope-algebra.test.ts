import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tableRows } from "../test/table.ts";
import { parseScope, type Scope } from "./scope.ts";
import { covers, grants, intersect, intersectAll, minimize } from "./scope-algebra.ts";

test.each(tableRows<[string, string, boolean]>("scope_superset"))("%s covers %s: %s", (a, b, expected) => {
  expect(covers(parseScope(a), parseScope(b))).toBe(expected);
});

interface QueryRow {
  token_scopes: string[];
  query: string;
  minimized: string[];
  intersection: string[];
  access: boolean;
}

describe("queries against granted scopes", () => {
  test.each(tableRows<QueryRow>("scope_query"))("$query within $token_scopes", (row) => {
    const granted = row.token_scopes.map(parseScope);
    const query = parseScope(row.query);
    expect(minimize(granted)).toEqual(row.minimized);
    expect(intersect(query, granted)).toEqual(row.intersection);
    expect(grants(granted, query)).toBe(row.access);
  });
});

describe("for any scopes", () => {
  const name = fc.constantFrom("a", "b", "Z");
  const scope = fc
    .tuple(fc.integer({ min: 0, max: 3 }), name, name, name)
    .map(([depth, ...names]) => names.map((n, i) => (i < depth ? n : "*")).join("-") as Scope);
  const place = fc.tuple(name, name, name).map((names) => names.join("-") as Scope);

  test("minimizing keeps every place and leaves nothing twice", () => {
    fc.assert(
      fc.property(fc.array(scope), place, (scopes, where) => {
        const minimized = minimize(scopes);
        expect(grants(minimized, where)).toBe(grants(scopes, where));
        expect(minimized.filter((s) => covers(s, where)).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("an intersection holds the places that are in both", () => {
    fc.assert(
      fc.property(fc.array(scope), fc.array(scope), place, (queries, granted, where) => {
        const both = grants(queries, where) && grants(granted, where);
        expect(grants(intersectAll(queries, granted), where)).toBe(both);
      }),
    );
  });
});
