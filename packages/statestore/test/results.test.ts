import type { ScopedKey } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { bringTo, claimAll, create, failure, nth, report, unknownTask, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

onEveryEngine("results", (under) => {
  const running = async (count = 1) => {
    const submitted = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(submitted.transformations, 0), count);
    await under.store.hubs.action(submitted.network, tasks, null, user);
    const service = await under.service();
    await claimAll(under.store, submitted.hub, service, count);
    return { ...submitted, tasks, task: nth(tasks, 0), service };
  };

  it("complete their Task, which leaves every hub", async () => {
    const { task, service, network, scope, transformations } = await running();
    const ref = await under.store.results.report(report(task, service));
    expect(ref).toMatch(new RegExp(`^ProtocolDAGResultRef-[0-9a-f]{32}-${scope}$`));
    expect(await under.store.tasks.getStatuses([task])).toEqual(["complete"]);
    expect(await under.store.hubs.actionedTasks([network])).toEqual([new Map()]);
    expect(await under.store.claims.holder(task)).toBeNull();
    expect(await under.store.results.get(ref)).toEqual({
      ref,
      resultKey: report(task, service).resultKey,
      ok: true,
      location: "protocoldagresult/a/b",
      created: report(task, service).created,
      creator: service,
    });
    expect(await under.store.results.ofTask(task, true)).toEqual([ref]);
    expect(await under.store.results.ofTask(task, false)).toEqual([]);
    expect(await under.store.results.ofTransformation(nth(transformations, 0), true)).toEqual([ref]);
    expect(await under.store.objects.exists(ref)).toBe(true);
    expect((await under.store.events.ofTask(task)).slice(-2).map(({ kind, to, service: by }) => [kind, to, by])).toEqual([
      ["result", "ok", service],
      ["status", "complete", service],
    ]);
  });

  it("that failed leave their Task in error on its hubs, with tracebacks in their order", async () => {
    const { task, service, network } = await running();
    const failures = ["one", "", "three"].map((traceback, i) => ({ sourceKey: `U-${i}`, failureKey: `F-${i}`, traceback }));
    const ref = await under.store.results.report(report(task, service, { ok: false, failures }));
    expect(await under.store.tasks.getStatuses([task])).toEqual(["error"]);
    expect(await under.store.claims.holder(task)).toBeNull();
    expect((await under.store.hubs.actionedTasks([network]))[0]?.size).toBe(1);
    const stored = await under.store.results.tracebacks(ref);
    expect(stored.map(({ sourceKey, failureKey }) => [sourceKey, failureKey])).toEqual([
      ["U-0", "F-0"],
      ["U-1", "F-1"],
      ["U-2", "F-2"],
    ]);
    expect(stored.map(({ traceback }) => traceback)).toEqual(["one", expect.stringMatching(/./), "three"]);
    expect(await under.store.results.ofTask(task, false)).toEqual([ref]);
    const [another] = (await running()).tasks;
    if (another === undefined) throw new Error("one Task");
    const bare = await under.store.results.report(report(another, service, { ok: false }));
    expect(await under.store.results.tracebacks(bare)).toHaveLength(1);
  });

  it("posted again give the same ref and have no second effect", async () => {
    const { task, service } = await running();
    const ref = await under.store.results.report(failure(task, service, "boom"));
    await under.store.tasks.setStatuses([task], "waiting", user);
    await under.store.tasks.setStatuses([task], "running", user);
    const later = failure(task, service, "boom", { created: "2027-01-01T00:00:00+00:00", location: "elsewhere" });
    expect(await under.store.results.report(later)).toBe(ref);
    expect(await under.store.tasks.getStatuses([task])).toEqual(["running"]);
    expect(await under.store.results.ofTask(task, false)).toEqual([ref]);
    expect(await under.store.results.report(report(task, service))).not.toBe(ref);
    expect(await under.store.tasks.getStatuses([task])).toEqual(["complete"]);
  });

  it.each([
    ["waiting", "waiting", "waiting"],
    ["running", "complete", "error"],
    ["complete", "complete", "complete"],
    ["error", "error", "error"],
    ["invalid", "invalid", "invalid"],
    ["deleted", "deleted", "deleted"],
  ] as const)("for a Task that is %s leave it %s when ok and %s when not, and are kept", async (status, ok, failed) => {
    for (const [isOk, becomes] of [
      [true, ok],
      [false, failed],
    ] as const) {
      const { transformations } = await under.network({ transformations: 1 });
      const [task] = await create(under.store, nth(transformations, 0), 1);
      if (task === undefined) throw new Error("one Task");
      await bringTo(under.store, task, status);
      const ref = await under.store.results.report(report(task, "stranger-1", { ok: isOk }));
      expect(await under.store.tasks.getStatuses([task])).toEqual([becomes]);
      expect(await under.store.results.ofTask(task, isOk)).toEqual([ref]);
      if (!isOk) expect(await under.store.results.tracebacks(ref)).toHaveLength(1);
    }
  });

  it("that failed do not end the work of another service that holds the claim; ok ones complete the Task from anyone", async () => {
    const { tasks, service } = await running(3);
    const [a, b, c] = [nth(tasks, 0), nth(tasks, 1), nth(tasks, 2)];
    await under.store.results.report(failure(a, "stale-1", "boom"));
    expect(await under.store.tasks.getStatuses([a])).toEqual(["running"]);
    expect(await under.store.claims.holder(a)).toMatchObject({ service });
    await under.store.results.report(failure(b, "None", "boom"));
    expect(await under.store.tasks.getStatuses([b])).toEqual(["error"]);
    await under.store.results.report(report(c, "stale-1"));
    expect(await under.store.tasks.getStatuses([c])).toEqual(["complete"]);
  });

  it("of an unknown Task are refused", async () => {
    const task = unknownTask("o-c-p");
    await expect(under.store.results.report(report(task, "s-1"))).rejects.toMatchObject({ name: "TaskNotFound", data: { task } });
    await expect(
      under.store.results.reportFailure({ task, service: "s-1", exception: "E", traceback: "t", actor: {} }),
    ).rejects.toMatchObject({ name: "TaskNotFound" });
    expect(await under.store.results.get(`ProtocolDAGResultRef-0-o-c-p` as ScopedKey)).toBeNull();
    expect(await under.store.results.ofTask(task, true)).toEqual([]);
    expect(await under.store.results.forExecution(task)).toBeNull();
  });

  it("of what a Task extends are handed to it: the newest that is ok", async () => {
    const { task, service, transformations } = await running();
    const [child] = await create(under.store, nth(transformations, 0), 1, task);
    if (child === undefined) throw new Error("one Task");
    const transformation = transformations[0];
    expect(await under.store.results.forExecution(task)).toEqual({ transformation, extended: null });
    await under.store.results.report(failure(task, service, "boom", { resultKey: "ProtocolDAGResult-1" }));
    expect(await under.store.results.forExecution(child)).toEqual({ transformation, extended: null });
    await under.store.results.report(
      report(task, service, { resultKey: "ProtocolDAGResult-3", created: "2026-05-01T00:00:00+00:00" }),
    );
    await under.store.results.report(
      report(task, service, { resultKey: "ProtocolDAGResult-2", created: "2026-04-01T00:00:00+00:00" }),
    );
    expect((await under.store.results.forExecution(child))?.extended?.resultKey).toBe("ProtocolDAGResult-3");
  });

  it("of one content for two Tasks of a Transformation are listed once", async () => {
    const { tasks, service, transformations } = await running(2);
    const one = await under.store.results.report(report(nth(tasks, 0), service));
    const two = await under.store.results.report(report(nth(tasks, 1), service));
    expect(two).toBe(one);
    expect(await under.store.results.ofTransformation(nth(transformations, 0), true)).toEqual([one]);
    expect(await under.store.results.ofTask(nth(tasks, 1), true)).toEqual([one]);
  });

  it("need not exist for a failure: a Task without a ProtocolDAG ends in error, against the service", async () => {
    const { tasks, service, scope } = await running(2);
    const [task, other] = [nth(tasks, 0), nth(tasks, 1)];
    const told = { task, service, exception: "KeyError", traceback: "Traceback …", actor: {} };
    await under.store.results.reportFailure(told);
    await under.store.results.reportFailure(told);
    expect(await under.store.tasks.getStatuses([task])).toEqual(["error"]);
    expect(await under.store.results.ofTask(task, false)).toEqual([]);
    expect(await under.store.results.failuresWithoutResult(task)).toEqual([
      { at: expect.any(Number), service, exception: "KeyError", traceback: "Traceback …" },
    ]);
    expect(await under.store.results.failuresWithoutResult(other)).toEqual([]);
    const claim = (maxFailures: number) =>
      under.store.claims.claim({
        service,
        count: 1,
        protocols: null,
        scopes: [scope],
        exclude: [],
        forgiveBefore: 0,
        maxFailures,
        sentScopesExclude: true,
      });
    expect((await claim(0)).denied).toBe(true);
    expect((await claim(1)).denied).toBe(false);
    await under.store.results.reportFailure({ ...told, task: other, service: "stale-1" });
    expect(await under.store.tasks.getStatuses([other])).toEqual(["running"]);
    expect((await under.store.events.ofTask(task)).slice(-2).map(({ kind, to }) => [kind, to])).toEqual([
      ["failure", "KeyError"],
      ["status", "error"],
    ]);
  });
});
