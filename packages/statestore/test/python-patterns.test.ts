/** Patterns mean what Python's `re` makes of them: by a table that Python has written, and by fresh random ones where this machine has a Python. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { backtrackingMatcher } from "../src/patterns/python/backtracking-matcher.ts";
import { parsePythonPattern } from "../src/patterns/python/pattern-parser.ts";
import { compilePythonPattern, SearchGivenUp } from "../src/patterns/python-pattern.ts";

/** Pattern, texts, and whether it is found in each; null where Python does not compile it. */
type Row = readonly [pattern: string, texts: readonly string[], found: readonly boolean[] | null];

/** What differs, in words. */
function differences(rows: readonly Row[]): string[] {
  return rows.flatMap(([pattern, texts, found]) => {
    const said = (what: string) => [`${JSON.stringify(pattern)} ${what}`];
    let matcher: ReturnType<typeof compilePythonPattern>;
    try {
      matcher = compilePythonPattern(pattern);
    } catch (error) {
      return found === null ? [] : said(`was refused: ${error}`);
    }
    if (found === null) return said("was not refused");
    // What RE2 searches for is compared with the other engine, too.
    const backtracking = backtrackingMatcher(parsePythonPattern(pattern));
    return [matcher, backtracking].flatMap((engine) =>
      texts.flatMap((text, i) => {
        let looks = 0;
        try {
          const here = engine.search(text, () => looks++ > 200);
          return here === found[i] ? [] : said(`in ${JSON.stringify(text)}: ${here}`);
        } catch (error) {
          // Python had a second.
          if (error instanceof SearchGivenUp) return [];
          throw error;
        }
      }),
    );
  });
}

const script = fileURLToPath(new URL("./python-patterns.py", import.meta.url));
const program = ["python3", "/usr/bin/python3"].find(
  (name) => spawnSync(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).status === 0,
);

describe("a pattern", () => {
  it("means what Python said when the table was made", () => {
    const rows: readonly Row[] = JSON.parse(readFileSync(new URL("./fixtures/python-patterns.json", import.meta.url), "utf8"));
    expect(rows.length).toBeGreaterThan(1000);
    expect(differences(rows)).toEqual([]);
  });

  it.skipIf(program === undefined)(
    "means what the Python of this machine says (skipped without Python 3.11)",
    { timeout: 120_000 },
    () => {
      const seed = process.env.ALCHEMISCALE_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
      const count = process.env.ALCHEMISCALE_TEST_PATTERNS ?? "3000";
      const output = execFileSync(program ?? "", [script, seed, count], { maxBuffer: 1 << 30, encoding: "utf8" });
      expect({ seed, differences: differences(JSON.parse(output)) }).toEqual({ seed, differences: [] });
    },
  );
});
