/** Against objects and numbers made by the Python classes (`python/make_goldens.py`; copies in test/fixtures/native). */
import { readFileSync } from "node:fs";
import { harmonicBar } from "@alchemiscale/analysis";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  JsonNumber,
  parseJson,
  sliceKeyedChain,
  summarizeResult,
} from "@alchemiscale/gufe";
import { describe, expect, test } from "vitest";
import { nativeEstimate } from "../../test/native-estimate.ts";
import { exactFreeEnergy } from "./exact-free-energy.ts";
import { attemptHarmonicUnit, harmonicDagResult, type UnitDone } from "./execute-harmonic-units.ts";
import { createHarmonicDag } from "./harmonic-dag.ts";
import { readHarmonicInput, type UnitName } from "./harmonic-input.ts";
import { switchingWork } from "./switching.ts";
import { type Direction, trajectoryStream } from "./trajectory-stream.ts";

const read = (name: string) => readFileSync(new URL(`../../test/fixtures/native/${name}`, import.meta.url), "utf8");
interface Numbers {
  readonly streams: { seed: string; direction: Direction; index: number; words: number[]; normals: number[] }[];
  readonly work: {
    wells: { force_constant: number; center: number[]; offset: number }[];
    n_steps: number;
    timestep: number;
    diffusion_coefficient: number;
    temperature: number;
    seed: string;
    direction: Direction;
    reduced_work: number[];
  }[];
  readonly bar: { forward: number[]; reverse: number[]; estimate: number; uncertainty: number }[];
  readonly gathered: { files: string[]; estimate: number; uncertainty: number; unit: string };
  readonly exact: Record<string, number>;
}
const numbers: Numbers = JSON.parse(read("numbers.json"));
const near = (value: number, expected: number) => Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected));

describe("numbers", () => {
  test.each(numbers.streams)("the stream $seed/$direction/$index", ({ seed, direction, index, words, normals }) => {
    const stream = trajectoryStream(seed, direction, index);
    const uniform = (high = 0, low = 0) => ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
    expect([stream.uniform(), stream.uniform()]).toEqual([uniform(words[0], words[1]), uniform(words[2], words[3])]);
    for (const normal of normals) expect(near(stream.normal(), normal)).toBe(true);
  });

  test.each(numbers.work)("the work of $direction switches in $n_steps steps", (row) => {
    const [start, end] = row.wells.map((well) => ({ ...well, forceConstant: well.force_constant }));
    if (start === undefined || end === undefined) throw new Error("two wells are needed");
    const schedule = {
      steps: row.n_steps,
      timestep: row.timestep,
      diffusionCoefficient: row.diffusion_coefficient,
      temperature: row.temperature,
    };
    for (const [index, expected] of row.reduced_work.entries()) {
      expect(near(switchingWork(start, end, schedule, trajectoryStream(row.seed, row.direction, index)), expected)).toBe(true);
    }
  });

  test.each(numbers.bar)("BAR of $forward and $reverse", ({ forward, reverse, estimate, uncertainty }) => {
    const result = harmonicBar(forward, reverse);
    expect(near(result.difference, estimate)).toBe(true);
    expect(near(result.error, uncertainty)).toBe(true);
  });

  test("the estimate of the results together is what gather gives", () => {
    const { files, estimate, uncertainty } = numbers.gathered;
    for (const names of [files, files.toReversed(), [...files, ...files, "dag-result-failed.json"]]) {
      const pooled = nativeEstimate(names.map(read));
      expect(near(pooled?.estimate ?? 0, estimate)).toBe(true);
      expect(near(pooled?.uncertainty ?? 0, uncertainty)).toBe(true);
    }
  });

  test("without a result that is ok there is no estimate", () => {
    expect(nativeEstimate([])).toBeNull();
    expect(nativeEstimate([read("dag-result-failed.json")])).toBeNull();
  });

  test.each(Object.entries(numbers.exact))("the exact difference of %s", (file, expected) => {
    expect(near(exactFreeEnergy(read(file)), Number(expected))).toBe(true);
  });
});

describe("a DAG executed with the ids and clock of the Python class", () => {
  test.each([
    ["dag-result-ok.json", "transformation.json", null],
    ["dag-result-extension.json", "transformation.json", "dag-result-ok.json"],
    ["dag-result-failed.json", "transformation-failing.json", null],
  ])("is %s", async (resultFile, transformationFile, extended) => {
    const golden = sliceKeyedChain(read(resultFile));
    const attempts = referencesOf(member(golden.root.text, "protocol_unit_results"));
    const idOf = (key: string) => key.slice(key.indexOf("-") + 1);
    const dictOf = (key: string) => parseJson(golden.entries.find((entry) => entry.key === key)?.text ?? "null");
    const units = referencesOf(member(golden.root.text, "protocol_units")).map((key) => ({
      key,
      name: value(dictOf(key), "name"),
    }));
    const named = ["setup", "forward", "reverse", "analysis"].map((name) => units.find((unit) => unit.name === name)?.key ?? "");
    const unitIds = named.map(idOf).values();
    const attemptIds = attempts.map(idOf).values();
    const times = attempts
      .flatMap((key) => ["start_time", "end_time"].map((end) => value(value(dictOf(key), end), "isotime")))
      .values();

    const chain = sliceKeyedChain(read(transformationFile));
    const name = value(parseJson(golden.root.text), "name");
    const dag = createHarmonicDag(chain, readHarmonicInput(chain), {
      name: typeof name === "string" ? name : null,
      extends: extended === null ? null : { key: sliceKeyedChain(read(extended)).root.key, generation: 0 },
      newId: () => unitIds.next().value ?? "",
    });
    const made = new Map<UnitName, UnitDone>();
    const elements = [];
    for (const unit of dag.units) {
      for (let left = resultFile === "dag-result-failed.json" ? 2 : 4; left > 0 && !made.has(unit.unit); left -= 1) {
        const { element, done } = await attemptHarmonicUnit(unit, dag, made, {
          newId: () => attemptIds.next().value ?? "",
          now: () => Temporal.PlainDateTime.from(String(times.next().value)),
          random: () => 0,
        });
        elements.push(element);
        if (done !== null) made.set(unit.unit, done);
      }
      if (!made.has(unit.unit)) break;
    }
    const executed = harmonicDagResult(dag, elements);

    expect(executed.key).toBe(golden.root.key);
    const chained = sliceKeyedChain(executed.chain, { strict: true });
    expect(chained.root.text).toBe(golden.root.text);
    expect(new Set(chained.entries.map((entry) => entry.key))).toEqual(new Set(golden.entries.map((entry) => entry.key)));
    for (const entry of chained.entries) expectSame(parseJson(entry.text), dictOf(entry.key), entry.key);
    expect(executed.ok).toBe(summarizeResult(executed.chain).ok);
    expect(executed.ok).toBe(resultFile !== "dag-result-failed.json");
  });
});

/** Equal with numbers by kind and, for floats, to 9 digits; but the traceback, which is each language's own. */
function expectSame(made: Json, golden: Json, path: string): void {
  if (path.endsWith(".traceback")) {
    expect(typeof made).toBe("string");
  } else if (isJsonObject(golden) && isJsonObject(made)) {
    expect([...made.keys()], path).toEqual([...golden.keys()]);
    for (const [key, child] of golden) expectSame(made.get(key) ?? null, child, `${path}.${key}`);
  } else if (isJsonArray(golden) && isJsonArray(made)) {
    expect(made.length, path).toBe(golden.length);
    for (const [index, child] of golden.entries()) expectSame(made[index] ?? null, child, `${path}[${index}]`);
  } else if (golden instanceof JsonNumber && made instanceof JsonNumber) {
    expect(made.isInteger, path).toBe(golden.isInteger);
    expect(near(made.toNumber(), golden.toNumber()), `${path}: ${made.text}, not ${golden.text}`).toBe(true);
  } else {
    expect(made, path).toEqual(golden);
  }
}

function member(text: string, name: string): Json {
  return value(parseJson(text), name);
}

function value(json: Json, name: string): Json {
  return isJsonObject(json) ? (json.get(name) ?? null) : null;
}

function referencesOf(list: Json): string[] {
  return isJsonArray(list) ? list.map((item) => String(value(item, ":gufe-key:"))) : [];
}
