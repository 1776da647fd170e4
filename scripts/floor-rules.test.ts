import { expect, test } from "vitest";
import { floorViolations } from "./floor-rules.ts";

const check = (path: string, text: string, more: string[] = []): readonly string[] =>
  floorViolations(
    { path, text },
    {
      dependencies: new Set(["@alchemiscale/gufe", "@alchemiscale/contract", "@alchemiscale/server", ...more]),
      developmentDependencies: new Set(["vitest"]),
      doors: new Set(["@alchemiscale/gufe/zstd", "@alchemiscale/server/node"]),
    },
  );

test("a lower floor through its door, own files, and what Node brings are in order", () => {
  const text = `
    import { a } from "@alchemiscale/gufe";
    import type { b } from "@alchemiscale/contract";
    import { c } from "./c.ts";
    import { d } from "../d/d.ts";
    import { readFile } from "node:fs/promises";`;
  expect(check("packages/statestore/src/x/y.ts", text)).toEqual([]);
});

test("a higher or equal floor is refused in a sentence with file, line, import and rule", () => {
  expect(check("packages/contract/src/x.ts", `\nimport { serve } from "@alchemiscale/server";`)).toEqual([
    "packages/contract/src/x.ts:2 imports '@alchemiscale/server': contract (floor 2) may import only lower floors, and server is on floor 4.",
  ]);
  expect(check("packages/client/src/x.ts", `export * from "@alchemiscale/statestore"`)[0]).toContain("statestore is on floor 3");
});

test.each([
  ["a type import", `import type { A } from "@alchemiscale/server";`],
  ["a re-export", `export { a } from "@alchemiscale/server";`],
  ["a re-export of everything", `export * from "@alchemiscale/server";`],
  ["a type re-export", `export type { A } from "@alchemiscale/server";`],
  ["an import for its effect", `import "@alchemiscale/server";`],
  ["a dynamic import", `const a = await import("@alchemiscale/server");`],
  ["an import type", `type A = import("@alchemiscale/server").A;`],
])("%s counts as an import", (_, text) => {
  expect(check("packages/gufe/src/x.ts", text)).toHaveLength(1);
});

test("imports in comments and texts do not count", () => {
  expect(
    check("packages/gufe/src/x.ts", `// import "@alchemiscale/server"\nconst a = 'import { b } from "@alchemiscale/server"';`),
  ).toEqual([]);
});

test("a package is imported through its door alone, also by scripts and tests", () => {
  for (const path of ["packages/server/src/x.ts", "packages/server/src/x.test.ts", "bench/x.ts"]) {
    expect(check(path, `import { a } from "@alchemiscale/gufe/src/a.ts"`)[0]).toContain("through its door, '@alchemiscale/gufe'");
    const relative = path.startsWith("bench") ? "../packages/gufe/src/a.ts" : "../../gufe/src/a.ts";
    expect(check(path, `import { a } from "${relative}"`)[0]).toContain("through its door, '@alchemiscale/gufe'");
  }
});

test("a second door that the package declares is a door, on the same floor", () => {
  expect(check("packages/compute/src/x.ts", `import { a } from "@alchemiscale/gufe/zstd"`)).toEqual([]);
  expect(check("packages/compute/src/x.ts", `import { a } from "@alchemiscale/gufe/json"`)[0]).toContain("through its door");
  expect(check("packages/contract/src/x.ts", `import { a } from "@alchemiscale/server/node"`)[0]).toContain(
    "server is on floor 4",
  );
});

test("a test may start any package, and use scripts; other files may not", () => {
  const server = `import { serve } from "@alchemiscale/server"`;
  const scripts = `import { createTestDatabase } from "../../../scripts/test-services/test-database.ts"`;
  expect(check("packages/client/src/x.test.ts", `${server};${scripts}`)).toEqual([]);
  expect(check("packages/client/test/x.ts", `${server};${scripts}`)).toEqual([]);
  expect(check("packages/client/src/x.ts", scripts)[0]).toContain("stays in packages/client");
});

test("nothing leads out of the repository", () => {
  expect(check("packages/client/src/x.test.ts", `import a from "../../../../shared/a.ts"`)[0]).toContain("out of the repository");
});

test("what is imported is named in the package's own package.json", () => {
  expect(check("packages/server/src/x.ts", `import { a } from "fastify"`)[0]).toContain(
    "packages/server/package.json does not name 'fastify'",
  );
  expect(check("packages/server/src/x.ts", `import { a } from "@fastify/swagger/lib/a.js"`, ["@fastify/swagger"])).toEqual([]);
  expect(check("packages/server/src/x.ts", `import { test } from "vitest"`)).toHaveLength(1);
  expect(check("packages/server/src/x.test.ts", `import { test } from "vitest"`)).toEqual([]);
  expect(check("packages/server/src/x.ts", `import { a } from "@alchemiscale/objectstore"`)[0]).toContain("does not name");
});

test("a package without a floor is said", () => {
  expect(check("packages/novelty/src/x.ts", `import { a } from "@alchemiscale/gufe"`)[0]).toContain("'novelty' has no floor");
});
