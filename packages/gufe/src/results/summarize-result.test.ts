import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { summarizeResult } from "./summarize-result.ts";

interface GoldenFailure {
  source_key: string;
  key: string;
  traceback: string;
}

describe("the summary of a result agrees with Python's", () => {
  const results = goldenObjects().filter((entry) => entry.kind === "protocol_dag_result");
  test.each(results.map((entry) => [entry.name, entry] as const))("%s", (_, entry) => {
    const summary = summarizeResult(goldenChain(entry));
    expect(summary).toMatchObject({
      key: entry.gufe_key,
      qualname: "ProtocolDAGResult",
      ok: entry.ok,
      transformationKey: entry.transformation_key ?? null,
      extendsKey: entry.extends_key ?? null,
    });
    expect(summary.protocolUnits.length).toBe(entry.n_units);
    expect(summary.units.length).toBe(entry.n_unit_results);
    const failures = (entry.failures ?? []) as GoldenFailure[];
    expect(summary.failures.map(({ sourceKey, failureKey, traceback }) => ({ sourceKey, failureKey, traceback }))).toEqual(
      failures.map(({ source_key, key, traceback }) => ({ sourceKey: source_key, failureKey: key, traceback })),
    );
  });
});
