import { EventEmitter, once } from "node:events";
import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import { afterEach, expect, it } from "vitest";
import { type IterationDecision, Strategist, type StrategistOptions } from "../../src/service/index.ts";
import { connectivity, freshState, onEveryEngine, type Place, strategyText, user } from "./store-under-test.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

onEveryEngine("the strategist", (under) => {
  const running: Strategist[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((strategist) => strategist.stop()));
  });

  const start = (place: Place, options: Partial<StrategistOptions> = {}): Strategist => {
    const strategist = new Strategist({
      stateStore: under.store,
      logger: silent,
      sleepInterval: 300,
      maxWorkers: 2,
      scopes: [place.scope],
      ...options,
    });
    strategist.start();
    running.push(strategist);
    return strategist;
  };

  const stateOf = async ({ network }: Place) => (await under.store.strategies.get(network))?.state;
  const afterIteration = async (place: Place, iterations: number) => {
    await expect.poll(async () => (await stateOf(place))?.iterations, { timeout: 15_000, interval: 25 }).toBe(iterations);
    return await stateOf(place);
  };
  const decisionOf = async ({ network }: Place): Promise<IterationDecision> =>
    JSON.parse((await under.store.strategies.decisions(network, null, 1))[0]?.text ?? "null");
  const actionedOn = async ({ network }: Place): Promise<ScopedKey[]> => [
    ...((await under.store.hubs.actionedTasks([network]))[0]?.keys() ?? []),
  ];
  const nth = <T>(list: readonly T[], n: number): T => {
    const element = list.at(n);
    if (element === undefined) throw new Error(`the list has no element ${n}`);
    return element;
  };
  const make = async (place: Place, transformation: ScopedKey, statuses: readonly TaskStatus[], actioned: boolean) => {
    const tasks = await under.store.tasks.create(
      statuses.map(() => transformation),
      null,
      "user",
      user,
    );
    if (actioned) await under.store.hubs.action(place.network, tasks, null, user);
    for (const [i, status] of statuses.entries()) {
      const path: readonly TaskStatus[] = status === "error" ? ["running", "error"] : status === "waiting" ? [] : [status];
      for (const step of path) await under.store.tasks.setStatuses([nth(tasks, i)], step, user);
    }
    return tasks;
  };

  it("turns weights into Tasks, and keeps what it decided and why", async () => {
    const place = await under.network("star3");
    await under.setStrategy(place, connectivity());
    start(place);
    expect(await afterIteration(place, 1)).toMatchObject({ status: "awake", lastIterationResultCount: 0, exception: null });
    expect(await actionedOn(place)).toHaveLength(3);
    const decision = await decisionOf(place);
    expect(decision).toMatchObject({ outcome: "awake", blocked: [], cancel: [] });
    expect(Object.values(decision.weights)).toEqual([1 / 3, 1 / 3, 1 / 3].map((weight) => expect.closeTo(weight, 12)));
    expect(Object.values(decision.targets)).toEqual([1, 1, 1]);
    expect(decision.why).toHaveLength(1);
  });

  it("actions what is there, running before waiting and old before young, before it creates", async () => {
    const place = await under.network("single");
    const transformation = nth(place.transformations, 0);
    const [, second, third] = await make(place, transformation, ["waiting", "waiting", "running"], false);
    await under.setStrategy(place, connectivity(), { maxTasksPerTransformation: 2 });
    const [first] = await under.store.tasks.ofNetwork(place.network);
    start(place);
    await afterIteration(place, 1);
    expect(new Set(await actionedOn(place))).toEqual(new Set([first, third]));
    expect(second).toBeDefined();
    expect(await under.store.tasks.ofNetwork(place.network)).toHaveLength(3);
  });

  it.each([
    ["full", 1, 1],
    ["partial", 4, 0],
  ] as const)(
    "mode %s: above the target %i stay, waiting ones leave first, and no status changes",
    async (mode, stay, runningGone) => {
      const place = await under.network("single");
      const transformation = nth(place.transformations, 0);
      const tasks = await make(place, transformation, ["running", "waiting", "waiting", "running"], true);
      await under.setStrategy(place, connectivity(), { mode, maxTasksPerTransformation: 1 });
      start(place);
      await afterIteration(place, 1);
      const left = await actionedOn(place);
      expect(left).toHaveLength(stay);
      expect(left.includes(nth(tasks, 3))).toBe(true);
      expect(left.includes(nth(tasks, 0))).toBe(runningGone === 0);
      expect(await under.store.tasks.getStatuses(tasks)).toEqual(["running", "waiting", "waiting", "running"]);
    },
  );

  it.each([
    ["linear", 3],
    ["exponential", 2],
  ] as const)("scales %s: half of the network's weight and at most 4 are %i Tasks", async (taskScaling, target) => {
    const place = await under.network("antiparallel");
    await under.setStrategy(place, connectivity(), { taskScaling, maxTasksPerTransformation: 4 });
    start(place);
    await afterIteration(place, 1);
    const { weights, targets } = await decisionOf(place);
    for (const [key, weight] of Object.entries(weights)) if (weight === 0.5) expect(targets[key]).toBe(target);
    expect(await actionedOn(place)).toHaveLength(Object.values(targets).reduce((sum, count) => sum + count, 0));
  });

  it("goes dormant when nothing is left to do, in mode full with an empty hub, and wakes for a result, by event", async () => {
    const place = await under.network("single");
    const transformation = nth(place.transformations, 0);
    await under.setStrategy(place, connectivity({ max_runs: 1 }), { mode: "full" });
    const [done] = await make(place, transformation, ["waiting"], true);
    await under.finish(nth([done as ScopedKey], 0));
    await make(place, transformation, ["waiting", "running", "error"], true);
    start(place, { sleepInterval: 1 });
    expect(await afterIteration(place, 1)).toMatchObject({ status: "dormant", lastIterationResultCount: 1 });
    expect(await actionedOn(place)).toEqual([]);
    expect((await decisionOf(place)).outcome).toBe("dormant");
    const [late] = await make(place, transformation, ["waiting"], false);
    await under.finish(nth([late as ScopedKey], 0));
    expect(await afterIteration(place, 2)).toMatchObject({ status: "dormant", lastIterationResultCount: 2 });
  });

  it("looks at once at a strategy that is new, and at a dormant one whose results have changed; others wait for their time", async () => {
    const first = await under.network("single");
    await under.setStrategy(first, connectivity());
    start(first, { scopes: ["*-*-*" as Place["scope"]] });
    const { lastIteration } = (await afterIteration(first, 1)) ?? {};
    const second = await under.network("single");
    await under.setStrategy(second, connectivity());
    await afterIteration(second, 1);
    const third = await under.network("single");
    await under.setStrategy(third, connectivity({ max_runs: 1 }), { status: "dormant" });
    const [task] = await make(third, nth(third.transformations, 0), ["waiting"], false);
    await under.finish(nth([task as ScopedKey], 0));
    expect(await afterIteration(third, 1)).toMatchObject({ status: "dormant", lastIterationResultCount: 1 });
    expect(await stateOf(first)).toMatchObject({ iterations: 1, lastIteration });
  });

  it("leaves a dormant strategy as it is while its results are the same", async () => {
    const dormant = await under.network("single");
    const other = { ...(await under.network("single")), scope: dormant.scope };
    await under.setStrategy(dormant, connectivity(), { status: "dormant" });
    await under.setStrategy(other, connectivity());
    start(dormant, { scopes: ["*-*-*" as Place["scope"]], maxWorkers: 1 });
    await afterIteration(other, 1);
    expect(await stateOf(dormant)).toEqual({ ...freshState, status: "dormant" });
  });

  it("makes no Tasks for a Transformation that has one in error, says so, and does not go dormant for it", async () => {
    const place = await under.network("star3");
    await under.setStrategy(place, connectivity());
    const failing = nth(place.transformations, 0);
    await make(place, failing, ["error"], false);
    start(place);
    expect(await afterIteration(place, 1)).toMatchObject({ status: "awake" });
    expect(await actionedOn(place)).toHaveLength(2);
    expect((await decisionOf(place)).blocked).toEqual([failing.split("-").slice(0, 2).join("-")]);
  });

  it("waits for what has landed to be read, where a strategy looks at estimates, but not for ever", async () => {
    const place = await under.network("single");
    const [task] = await make(place, nth(place.transformations, 0), ["waiting"], false);
    await under.finish(nth([task as ScopedKey], 0));
    await under.setStrategy(place, strategyText("alchemiscale_strategies", "MappingScoreStrategy", {}));
    const unreadSeen: (number | undefined)[] = [];
    const looks = new EventEmitter();
    const { estimates } = under.store;
    const ofNetwork: typeof estimates.ofNetwork = async (network) => {
      const found = await estimates.ofNetwork(network);
      unreadSeen.push(found?.unread);
      looks.emit("look");
      return found;
    };
    const looked = once(looks, "look");
    start(place, { stateStore: Object.create(under.store, { estimates: { value: { ...estimates, ofNetwork } } }) });
    await looked;
    expect(await stateOf(place)).toMatchObject({ iterations: 0 });
    const [unread] = (await under.store.estimates.unread(0, 1000)).filter(({ task: of }) => of === task);
    await under.store.estimates.writeReadings([{ result: unread?.cursor ?? 0, version: 1, text: "{}" }]);
    await afterIteration(place, 1);
    expect([unreadSeen.at(0), unreadSeen.at(-1)]).toEqual([1, 0]);
    expect((await decisionOf(place)).outcome).toBe("awake");
  });

  it("keeps the error of a strategy that fails, leaves it alone then, and executes it again when it is woken", async () => {
    const place = await under.network("star3");
    await under.setStrategy(place, connectivity({ decay_rate: 5 }));
    start(place, { sleepInterval: 1 });
    const state = await afterIteration(place, 1);
    expect(state).toMatchObject({
      status: "error",
      exception: ["InvalidStrategySettings", expect.stringContaining("decay_rate")],
    });
    expect(state?.traceback).toContain("InvalidStrategySettings");
    expect((await decisionOf(place)).outcome).toBe("error");
    await under.store.strategies.wake(place.network, user);
    expect(await afterIteration(place, 2)).toMatchObject({ status: "error" });
    expect(await actionedOn(place)).toEqual([]);
  });

  it("says of a strategy that needs Python that it does, and counts no iteration; with a proposer it is executed", async () => {
    const place = await under.network("single");
    await under.setStrategy(place, strategyText("somebody.strategies", "OwnStrategy", { n: 1 }));
    const without = start(place);
    const blocked = async () => (await under.store.strategies.describe(place.network))?.blocked;
    await expect.poll(blocked, { timeout: 15_000 }).toContain("Python");
    expect(await stateOf(place)).toEqual(freshState);
    await without.stop();
    const key = nth(place.transformations, 0).split("-").slice(0, 2).join("-");
    start(place, { proposer: { propose: async () => ({ weights: new Map([[key, 7]]), why: "as Python says" }) } });
    await afterIteration(place, 1);
    expect(await blocked()).toBeNull();
    expect(await decisionOf(place)).toMatchObject({ weights: { [key]: 1 }, targets: { [key]: 3 }, why: ["as Python says"] });
  });

  it("keeps the class, message and traceback of what Python raised", async () => {
    const place = await under.network("single");
    await under.setStrategy(place, strategyText("somebody.strategies", "OwnStrategy", { n: 2 }));
    const raised = Object.assign(new Error("no"), { name: "ZeroDivisionError", stack: "Traceback (most recent call last): …" });
    start(place, { proposer: { propose: () => Promise.reject(raised) } });
    expect(await afterIteration(place, 1)).toMatchObject({
      status: "error",
      exception: ["ZeroDivisionError", "no"],
      traceback: "Traceback (most recent call last): …",
    });
  });

  it("executes nothing that is disabled, and nothing of networks that are not active", async () => {
    const [disabled, inactive, other] = [
      await under.network("single"),
      await under.network("single"),
      await under.network("single"),
    ];
    await under.setStrategy(disabled, connectivity(), { mode: "disabled" });
    await under.setStrategy(inactive, connectivity());
    await under.store.networks.setStates([inactive.network], ["inactive"], user);
    await under.setStrategy(other, connectivity());
    start(other, { scopes: [disabled.scope, inactive.scope, other.scope], maxWorkers: 1 });
    await afterIteration(other, 1);
    expect([await stateOf(disabled), await stateOf(inactive)].map((state) => state?.iterations)).toEqual([0, 0]);
  });

  it("executes a stack as one, leaves out the member that fails, and fails with the last", async () => {
    const place = await under.network("star3");
    const good = JSON.parse(connectivity())[0];
    const bad = JSON.parse(connectivity({ decay_rate: 7 }))[0];
    const entries = [good, bad].map(([key, dict]) => ({
      key,
      qualname: "ConnectivityStrategy",
      module: "stratocaster.strategies.connectivity",
      text: JSON.stringify(dict),
      references: [],
      height: 0,
    }));
    const rules = { role: "add", until: "done", weight: 1, maxGpuHours: null } as const;
    const set = (members: readonly string[]) =>
      under.store.strategies.set(
        place.network,
        {
          entries,
          key: nth(members, 0),
          state: freshState,
          stack: { combine: "weighted", maxGpuHours: null, members: members.map((key) => ({ ...rules, key })) },
        },
        user,
      );
    await set([bad[0], good[0]]);
    start(place, { sleepInterval: 1 });
    expect(await afterIteration(place, 1)).toMatchObject({ status: "awake" });
    expect(await actionedOn(place)).toHaveLength(3);
    const members = (await under.store.strategies.describe(place.network))?.members ?? [];
    expect(members.map(({ status }) => status)).toEqual(["error", "awake"]);
    expect((await decisionOf(place)).members?.map(({ weights }) => weights === null)).toEqual([true, false]);
    await set([bad[0], bad[0]]);
    expect(await afterIteration(place, 1)).toMatchObject({ status: "error", exception: ["StackFailed", expect.anything()] });
  });

  it("does nothing twice where several are at one store", async () => {
    const places = await Promise.all(Array.from({ length: 6 }, () => under.network("star3")));
    for (const place of places) await under.setStrategy(place, connectivity());
    const scopes = places.map(({ scope }) => scope);
    for (let i = 0; i < 3; i += 1) start(nth(places, 0), { scopes });
    for (const place of places) await afterIteration(place, 1);
    for (const place of places) expect(await under.store.tasks.ofNetwork(place.network)).toHaveLength(3);
  });
});
