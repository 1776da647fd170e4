/** The Python classes propose the same: `ALCHEMISCALE_TEST_PYTHON` names an interpreter that has gufe and stratocaster. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { joinKeyedChain } from "@alchemiscale/gufe";
import { expect, test } from "vitest";
import { goldenChain, goldenNetwork, goldenTable, networkNames, type ProposalRow } from "../../test/golden.ts";
import { resultsFromTable, strategies } from "../index.ts";

const python = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";
if (python === "")
  console.log("skipped: Python classes of strategies (ALCHEMISCALE_TEST_PYTHON names no interpreter with stratocaster)");

const own = strategies.filter(({ module }) => module === "alchemiscale_strategies");
const settings: Record<string, Record<string, number | null>> = {
  UncertaintyStrategy: { target_error: 0.2 },
  CriticalityStrategy: {},
  MappingScoreStrategy: {},
  CycleClosureStrategy: {},
};

test.skipIf(python === "")(
  "Python classes propose the same weights on the golden networks (ALCHEMISCALE_TEST_PYTHON)",
  { timeout: 120_000 },
  () => {
    const cases = networkNames.map((name) => {
      const states = goldenTable<{ rows: ProposalRow[] }>(name).rows.filter(
        ({ strategy }) => strategy === "connectivity-default",
      );
      const chain = joinKeyedChain(goldenChain(name).entries);
      return { name, chain, results: states.map(({ results }) => results), strategies: settings };
    });
    const repository = join(import.meta.dirname, "../../../..");
    const output = execFileSync(python, [join(repository, "packages/strategist/test/propose.py")], {
      input: JSON.stringify(cases),
      env: { ...process.env, PYTHONPATH: join(repository, "python") },
      maxBuffer: 2 ** 28,
      encoding: "utf8",
    });
    const answers = JSON.parse(output) as Record<string, Record<string, number | null>>[];
    for (const { name, results } of cases) {
      const network = goldenNetwork(name);
      for (const each of results) {
        const answer = answers.shift() ?? {};
        for (const strategy of own) {
          const { weights } = strategy.configure(settings[strategy.qualname] ?? {}).propose(network, resultsFromTable(each));
          const found = answer[strategy.qualname] ?? {};
          expect(Object.keys(found).sort()).toEqual([...weights.keys()].sort());
          for (const [key, weight] of weights) {
            expect(found[key], `${name} ${strategy.qualname} ${key}`).toEqual(weight === null ? null : expect.closeTo(weight, 9));
          }
        }
      }
    }
  },
);
