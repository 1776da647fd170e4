import { expect, test } from "vitest";
import { readStrategyBytes } from "./read-strategy.ts";

const key = `MyStrategy-${"0".repeat(32)}`;
const chain = `[["${key}", {"rate": 1.0, "__qualname__": "MyStrategy", "__module__": "my.strategies"}]]`;
const read = (text: string) => readStrategyBytes({ bytes: Buffer.from(text), strict: false });

test("a strategy keeps its characters and starts from the defaults", () => {
  const strategy = read(`{"strategy": ${chain}}`);
  expect(strategy?.key).toBe(key);
  expect(strategy?.entries[0]?.text).toContain('"rate": 1.0');
  expect(strategy?.state).toEqual({
    mode: "partial",
    status: "awake",
    iterations: 0,
    sleepInterval: 3600,
    lastIteration: null,
    lastIterationResultCount: 0,
    maxTasksPerTransformation: 3,
    taskScaling: "exponential",
    exception: null,
    traceback: null,
  });
  expect(read('{"strategy": null, "mode": "nonsense"}')).toBeNull();
});

test.each([
  ["2026-01-31T12:00:00+00:00", Date.UTC(2026, 0, 31, 12) * 1000],
  ["2026-01-31T12:00:00.000001Z", Date.UTC(2026, 0, 31, 12) * 1000 + 1],
  ["2026-01-31 13:30:00.5+01:30", Date.UTC(2026, 0, 31, 12) * 1000 + 500_000],
  ["2026-01-31T12:00", Date.UTC(2026, 0, 31, 12) * 1000],
])("an instant %s is read to the microsecond", (text, instant) => {
  expect(read(`{"strategy": ${chain}, "last_iteration": "${text}"}`)?.state.lastIteration).toBe(instant);
});

test.each([
  ["no JSON", "{"],
  ["no object", "[]"],
  ["no strategy", '{"mode": "full"}'],
  ["no chain", '{"strategy": {"a": 1}}'],
  ["an empty chain", '{"strategy": []}'],
  ["an object of gufe", `{"strategy": ${chain.replace("my.strategies", "gufe.protocols")}}`],
  ["an unknown mode", `{"strategy": ${chain}, "mode": "half"}`],
  ["an interval of 0", `{"strategy": ${chain}, "sleep_interval": 0}`],
  ["half a task", `{"strategy": ${chain}, "max_tasks_per_transformation": 2.5}`],
  ["no instant", `{"strategy": ${chain}, "last_iteration": "yesterday"}`],
  ["half an exception", `{"strategy": ${chain}, "exception": ["ValueError"]}`],
])("%s is refused", (_, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ status: 422 }));
});
