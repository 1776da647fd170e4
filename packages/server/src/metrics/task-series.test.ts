import { parseScope, taskStatuses } from "@alchemiscale/contract";
import { expect, test } from "vitest";
import { taskSeries } from "./task-series.ts";

test("every status has a series, also without Tasks", () => {
  const series = taskSeries([{ scope: null, status: "waiting", tasks: 7 }], false);
  expect(series.map(({ labels }) => labels.status)).toEqual([...taskStatuses]);
  expect(series.map(({ tasks }) => tasks)).toEqual([7, 0, 0, 0, 0, 0]);
});

test("of more than a hundred by scope, the smallest are added up", () => {
  const counts = Array.from({ length: 400 }, (_, i) => ({
    scope: parseScope(`o-c-p${i}`),
    status: taskStatuses[i % taskStatuses.length] ?? "waiting",
    tasks: 1000 - i,
  }));
  const series = taskSeries(counts, true);
  expect(series.length).toBeLessThanOrEqual(100);
  expect(series.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(counts.reduce((sum, { tasks }) => sum + tasks, 0));
  expect(series.slice(0, 3).map(({ labels }) => labels.scope)).toEqual(["o-c-p0", "o-c-p1", "o-c-p2"]);
  expect(series.at(-1)?.labels.scope).toBe("other");
  expect(taskSeries(counts.slice(0, 100), true)).toHaveLength(100);
});
