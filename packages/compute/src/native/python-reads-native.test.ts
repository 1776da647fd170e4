/** The Python class reads what is made here: `ALCHEMISCALE_TEST_PYTHON` names an interpreter that has gufe. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zstdCompressSync } from "node:zlib";
import { parseScopedKey } from "@alchemiscale/contract";
import { expect, onTestFinished, test } from "vitest";
import { nativeEstimate } from "../../test/native-estimate.ts";
import { createNativeExecutor } from "./native-executor.ts";

const python = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";
if (python === "")
  console.log("skipped: Python reading native results (ALCHEMISCALE_TEST_PYTHON names no interpreter with gufe)");

const program = `
import json, sys
from gufe import Transformation
from gufe.protocols import ProtocolDAGResult
edge = Transformation.from_json(sys.argv[1])
results = [ProtocolDAGResult.from_json(file) for file in sys.argv[2:]]
gathered = edge.gather(results)
print(json.dumps({
    "keys": [str(result.key) for result in results],
    "ok": [result.ok() for result in results],
    "extends": [result.extends_key for result in results],
    "failures": [[failure.exception[0] for failure in result.protocol_unit_failures] for result in results],
    "estimate": gathered.get_estimate().m_as("kilocalorie_per_mole"),
    "uncertainty": gathered.get_uncertainty().m_as("kilocalorie_per_mole"),
}))`;

test.skipIf(python === "")(
  "results of the native executor are equal objects in Python, and gather gives the same estimate (ALCHEMISCALE_TEST_PYTHON)",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "alchemiscale-native-test-"));
    try {
      const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/native/${name}`, import.meta.url), "utf8");
      const transformation = fixture("transformation.json").replace('"seed": 20260101', '"seed": null');
      const executor = createNativeExecutor();
      onTestFinished(() => executor.close());
      const run = async (extended: string | null, text = transformation) => {
        const outcome = await executor.execute(
          {
            task: parseScopedKey("Task-1-o-c-p"),
            transformation: text,
            extended: extended === null ? null : zstdCompressSync(extended),
            retries: 1,
            sharedBasedir: directory,
            scratchBasedir: directory,
            keepShared: false,
            keepScratch: false,
          },
          new AbortController().signal,
        );
        if (outcome.kind !== "result" || !("bytes" in outcome.result)) throw new Error("no result");
        await outcome.dispose();
        return { key: outcome.key, chain: new TextDecoder().decode(outcome.result.bytes) };
      };
      const first = await run(null);
      const second = await run(first.chain);
      const failed = await run(null, fixture("transformation-failing.json"));
      const chains = [first, second, failed].map(({ chain }) => chain);
      const files = [transformation, ...chains].map((text, index) => {
        const file = join(directory, `${index}.json`);
        writeFileSync(file, text);
        return file;
      });
      const env = { ...process.env, PYTHONPATH: fileURLToPath(new URL("../../../../python/", import.meta.url)) };
      const read = JSON.parse(execFileSync(python, ["-c", program, ...files], { env, encoding: "utf8" }));
      const estimate = nativeEstimate(chains);
      expect(read).toMatchObject({
        keys: [first.key, second.key, failed.key],
        ok: [true, true, false],
        extends: [null, first.key, null],
        failures: [[], [], ["InjectedFailure", "InjectedFailure"]],
      });
      expect(read.estimate).toBeCloseTo(estimate?.estimate ?? Number.NaN, 9);
      expect(read.uncertainty).toBeCloseTo(estimate?.uncertainty ?? Number.NaN, 9);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
