import { expect, test } from "vitest";
import { InvalidSettings } from "./invalid-settings.ts";
import { parseParallelServiceSettings } from "./parallel-service-settings.ts";

const minimal = { api_url: "http://h", identifier: "i", key: "k", name: "n", shared_basedir: "a", scratch_basedir: "b" };
const parse = (more: object) => parseParallelServiceSettings(JSON.stringify({ ...minimal, ...more })).settings;

test("what is not given is found out", () => {
  expect(parse({})).toMatchObject({
    claim_limit: 16,
    cores: null,
    memory: null,
    gpus: null,
    units_per_gpu: null,
    max_units_per_gpu: 4,
    adapt_cores: true,
    unit_resources: [],
    max_tasks_at_once: null,
    claim_ahead: null,
    n_retries: 3,
  });
});

test.each([
  ["cores", 6, 6],
  ["cores", "auto", null],
  ["memory", "12 GiB", 12 * 2 ** 30],
  ["memory", "12Gi", 12 * 2 ** 30],
  ["memory", "1.5g", 1.5e9],
  ["memory", 1000, 1000],
  ["gpus", [0, 1], ["0", "1"]],
  ["gpus", "0,2", ["0", "2"]],
  ["gpus", "none", []],
  ["gpus", ["GPU-5f1c-a"], ["GPU-5f1c-a"]],
  ["units_per_gpu", 3, 3],
  ["units_per_gpu", "auto", null],
  ["claim_ahead", 0, 0],
  ["max_tasks_at_once", 9, 9],
  ["stop_unactioned", true, true],
  ["stop_after_failures", 0, 0],
  ["unit_resources", [{ unit: "*Setup*", cores: 2 }], [{ unit: "*Setup*", cores: 2, memory: null, gpu: null }]],
] as const)("%s: %j", (key, given, read) => {
  expect(parse({ [key]: given })[key]).toEqual(read);
});

test.each([
  ["cores", 0, "an integer of at least 1"],
  ["memory", "much", "a size such as 12 GiB"],
  ["gpus", ["first one"], "numbers or names of GPUs"],
  ["units_per_gpu", 1.5, "an integer of at least 1"],
  ["unit_resources", ["*Setup*"], "mappings such as"],
  ["unit_resources", [{ unit: "*", gpus: 1 }], 'knows unit, cores, memory and gpu, and not "gpus"'],
] as const)("%s: %j is refused", (key, given, rule) => {
  expect(() => parse({ [key]: given })).toThrow(InvalidSettings);
  expect(() => parse({ [key]: given })).toThrow(rule);
});
