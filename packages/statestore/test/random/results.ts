import fc from "fast-check";
import { expect } from "vitest";
import { nth, user } from "../given.ts";
import type { ModelResult } from "../model/model.ts";
import { type Finds, reportFailure, reportResult } from "../model/results.ts";
import { setStatus } from "../model/tasks.ts";
import { anyIndex, operation, type RandomOperation, sorted, type World } from "./world.ts";

/** The patterns of the test: words, one of which only an engine that goes back can find. */
export const restartWords = ["boom", "crash", "NaN", "(?<=b)oom"];
export const finds: Finds = (pattern, text) => (pattern === "(?<=b)oom" ? text.includes("boom") : text.includes(pattern));
const texts = ["boom", "a crash", "NaN and boom", "nothing known"];

const poster = fc.constantFrom(0, 0, 1, 2, "None" as const);

function named(world: World, of: number | "None"): string {
  return of === "None" ? "None" : nth(world.serviceIds, of);
}

/** A sign of life, too. */
function heard(world: World, service: string): void {
  const registered = world.model.service(service);
  if (registered !== undefined) registered.heartbeat = world.now;
}

export const resultOperations: readonly RandomOperation[] = [
  operation({
    name: "report a result",
    weight: 7,
    arguments: fc.record({
      task: anyIndex,
      ok: fc.boolean(),
      key: fc.nat({ max: 4 }),
      /** The claimant, mostly. */
      poster: fc.option(poster, { freq: 2 }),
      tracebacks: fc.array(fc.nat({ max: 3 }), { maxLength: 2 }),
      /** Written by an object store whose clock is behind. */
      behind: fc.constantFrom(0, 0, 0, 7),
    }),
    async apply(world, given) {
      const { key, task } = world.task(given.task);
      const creator = given.poster === null ? (task?.claim?.id ?? "None") : named(world, given.poster);
      const resultKey = `ProtocolDAGResult-${given.key}`;
      const failures = given.tracebacks.map((n, i) => ({
        sourceKey: `Unit-${i}`,
        failureKey: `ProtocolUnitFailure-${i}`,
        traceback: nth(texts, n),
      }));
      const created = new Date(world.now / 1000 - given.behind * 10_000).toISOString().replace("Z", "000+00:00");
      const location = `protocoldagresult/${given.key}`;
      const reporting = world.store.results.report({
        task: key,
        service: creator,
        resultKey,
        ok: given.ok,
        location,
        created,
        failures: given.ok ? [] : failures,
        actor: {},
      });
      if (task === null) {
        await expect(reporting).rejects.toMatchObject({ name: "TaskNotFound" });
        return;
      }
      const ref = await reporting;
      heard(world, creator);
      const tracebacks =
        failures.length > 0 ? failures : [{ sourceKey: "", failureKey: "", traceback: "(no traceback was reported)" }];
      const result: ModelResult = {
        ref,
        resultKey,
        ok: given.ok,
        location,
        created,
        creator,
        tracebacks: given.ok ? [] : tracebacks,
      };
      const first = task.results.find((known) => known.resultKey === resultKey && known.ok === given.ok);
      expect(reportResult(world.model, task, result, world.now, finds)).toBe(first === undefined);
      if (first !== undefined) expect(ref).toBe(first.ref);
    },
  }),
  operation({
    name: "let a Task fail again and again",
    weight: 5,
    arguments: fc.record({ task: anyIndex, times: fc.integer({ min: 1, max: 4 }), text: fc.nat({ max: 3 }), poster }),
    async apply(world, { task: i, times, text, poster: by }) {
      const { key, task } = world.task(i);
      if (task === null) return;
      const creator = named(world, by);
      for (let time = 0; time < times; time++) {
        const reply = await world.store.tasks.setStatuses([key], "running", user);
        expect(reply).toEqual([setStatus(world.model, task, "running") ? key : null]);
        world.tick();
        const created = new Date(world.now / 1000).toISOString().replace("Z", "000+00:00");
        const resultKey = `ProtocolDAGResult-${world.now}`;
        const tracebacks = [{ sourceKey: "Unit", failureKey: "ProtocolUnitFailure", traceback: nth(texts, text) }];
        const told = { resultKey, ok: false, location: "somewhere", created };
        const ref = await world.store.results.report({ task: key, service: creator, failures: tracebacks, actor: {}, ...told });
        heard(world, creator);
        reportResult(world.model, task, { ref, creator, tracebacks, ...told }, world.now, finds);
      }
    },
  }),
  operation({
    name: "report a failure without a result",
    weight: 2,
    arguments: fc.record({ task: anyIndex, poster: fc.option(poster, { freq: 2 }), text: fc.nat({ max: 3 }) }),
    async apply(world, { task: i, poster: by, text }) {
      const { key, task } = world.task(i);
      const service = by === null ? (task?.claim?.id ?? "None") : named(world, by);
      const failure = { service, exception: "ValueError", traceback: nth(texts, text) };
      const reporting = world.store.results.reportFailure({ task: key, ...failure, actor: {} });
      if (task === null) {
        await expect(reporting).rejects.toMatchObject({ name: "TaskNotFound" });
        return;
      }
      await reporting;
      heard(world, service);
      reportFailure(world.model, task, { at: world.now, ...failure }, finds);
    },
  }),
  operation({
    name: "ask for results",
    weight: 2,
    arguments: anyIndex,
    async apply(world, i) {
      const { results } = world.store;
      const { key, task } = world.task(i);
      for (const ok of [true, false]) {
        const here = (task?.results ?? []).filter((result) => result.ok === ok).map(({ ref }) => ref);
        expect(sorted(await results.ofTask(key, ok))).toEqual(sorted(new Set(here)));
      }
      if (task === null) {
        expect(await results.forExecution(key)).toBeNull();
        return;
      }
      const { transformation } = task;
      const all = world.model.tasks.filter((one) => one.transformation === transformation).flatMap((one) => one.results);
      const failed = all.filter(({ ok }) => !ok).map(({ ref }) => ref);
      expect(sorted(await results.ofTransformation(transformation.key, false))).toEqual(sorted(new Set(failed)));
      for (const { ref, tracebacks, ...rest } of task.results) {
        expect(await results.get(ref)).toEqual({ ref, ...rest });
        expect(await results.tracebacks(ref)).toEqual(tracebacks);
      }
      const before = (task.extends?.results ?? []).filter(({ ok }) => ok);
      const newest = before.reduce<ModelResult | null>(
        (best, one) => (best === null || one.created >= best.created ? one : best),
        null,
      );
      const execution = await results.forExecution(key);
      expect(execution).toMatchObject({ transformation: transformation.key });
      expect(execution?.extended?.ref ?? null).toBe(newest?.ref ?? null);
    },
  }),
];
