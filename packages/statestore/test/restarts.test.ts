import type { ScopedKey } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import type { RestartPattern } from "../src/index.ts";
import { claimAll, create, failure, nth, report, unknownNetwork, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

onEveryEngine("restart patterns", (under) => {
  /** Actioned Tasks of a network of its own, and a service that is to run them. */
  const prepared = async (count = 1) => {
    const submitted = await under.network({ transformations: 1 });
    const transformation = nth(submitted.transformations, 0);
    const tasks = await create(under.store, transformation, count);
    await under.store.hubs.action(submitted.network, tasks, null, user);
    return { ...submitted, transformation, tasks, task: nth(tasks, 0), service: await under.service() };
  };
  /** A second network with the same Transformations. */
  const sibling = (of: { readonly scope: string }) =>
    under.network({ scope: of.scope, transformations: 1, networkName: "the other" });
  let failures = 0;
  /** Claims the Task on the hub and fails it. */
  const fail = async (given: Awaited<ReturnType<typeof prepared>>, task: ScopedKey, traceback: string) => {
    expect(await claimAll(under.store, given.hub, given.service, 1)).toEqual([task]);
    failures += 1;
    const created = new Date(Date.UTC(2026, 0, 1) + failures).toISOString().replace("Z", "000+00:00");
    await under.store.results.report(
      failure(task, given.service, traceback, { created, resultKey: `ProtocolDAGResult-${failures}` }),
    );
  };
  const statusOf = async (task: ScopedKey) => (await under.store.tasks.getStatuses([task]))[0];
  const onHub = async (network: ScopedKey, task: ScopedKey) => (await under.store.hubs.actionedNetworks(task)).has(network);
  const patternsOf = async (network: ScopedKey): Promise<RestartPattern[]> => nth(await under.store.restarts.get([network]), 0);
  it("are kept for each hub, in their order, and change their limit", async () => {
    const { network, scope } = await prepared();
    const other = await sibling({ scope });
    await under.store.restarts.add(network, ["b", "a", "b"], 2, user);
    await under.store.restarts.add(other.network, ["a"], 5, user);
    expect(await under.store.restarts.get([network, other.network, unknownNetwork(scope), network])).toEqual([
      [
        { pattern: "b", maxRetries: 2 },
        { pattern: "a", maxRetries: 2 },
      ],
      [{ pattern: "a", maxRetries: 5 }],
      [],
      [
        { pattern: "b", maxRetries: 2 },
        { pattern: "a", maxRetries: 2 },
      ],
    ]);
    await under.store.restarts.setMaxRetries(network, ["a", "unknown"], 7, user);
    await under.store.restarts.add(network, ["b", "c"], 1, user);
    expect(await patternsOf(network)).toEqual([
      { pattern: "b", maxRetries: 1 },
      { pattern: "a", maxRetries: 7 },
      { pattern: "c", maxRetries: 1 },
    ]);
    await under.store.restarts.remove(network, ["a", "unknown"], user);
    expect((await patternsOf(network)).map(({ pattern }) => pattern)).toEqual(["b", "c"]);
    await under.store.restarts.clear(network, user);
    expect(await patternsOf(network)).toEqual([]);
    expect(await patternsOf(other.network)).toEqual([{ pattern: "a", maxRetries: 5 }]);
    expect(await under.store.restarts.get([])).toEqual([]);
  });

  it("of a missing network can be removed but not added", async () => {
    const network = unknownNetwork(under.scope());
    await expect(under.store.restarts.add(network, ["a"], 1, user)).rejects.toMatchObject({
      name: "NetworkNotFound",
      data: { network },
    });
    await under.store.restarts.remove(network, ["a"], user);
    await under.store.restarts.setMaxRetries(network, ["a"], 1, user);
    await under.store.restarts.clear(network, user);
  });

  it.each(["", "(", "a**", "[z-a]", "(?P=nobody)", "a\0b", "\ud800"])("%j is refused, and nothing is added", async (wrong) => {
    const { network } = await prepared();
    await expect(under.store.restarts.add(network, ["fine", wrong], 1, user)).rejects.toMatchObject({ name: "InvalidPattern" });
    expect(await patternsOf(network)).toEqual([]);
  });

  it("restart a Task until the limit, and then take it off their hub only", async () => {
    const given = await prepared();
    const { network, task } = given;
    const other = await sibling(given);
    await under.store.hubs.action(other.network, [task], null, user);
    await under.store.restarts.add(network, ["boo+m", "nothing like it"], 2, user);
    await fail(given, task, "Traceback: booom");
    expect(await statusOf(task)).toBe("waiting");
    await fail(given, task, "Traceback: booom");
    expect(await statusOf(task)).toBe("waiting");
    await fail(given, task, "Traceback: booom");
    expect(await statusOf(task)).toBe("error");
    expect(await onHub(network, task)).toBe(false);
    expect(await onHub(other.network, task)).toBe(true);
    const kinds = (await under.store.events.ofTask(task)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "restart")).toHaveLength(2);
    expect(kinds.filter((kind) => kind === "cancel")).toHaveLength(1);
  });

  it("that match nothing take the Task off the hub at once; without patterns it stays", async () => {
    const given = await prepared();
    await under.store.restarts.add(given.network, ["^boom$"], 5, user);
    await fail(given, given.task, "a boom");
    expect(await statusOf(given.task)).toBe("error");
    expect(await onHub(given.network, given.task)).toBe(false);
    const plain = await prepared();
    await fail(plain, plain.task, "a boom");
    expect(await statusOf(plain.task)).toBe("error");
    expect(await onHub(plain.network, plain.task)).toBe(true);
  });

  it("of one hub restart the Task for every hub, and each hub keeps to its own", async () => {
    const given = await prepared();
    const { network, task } = given;
    const other = await sibling(given);
    await under.store.hubs.action(other.network, [task], null, user);
    await under.store.restarts.add(network, ["boom"], 2, user);
    await under.store.restarts.add(other.network, ["never"], 2, user);
    await fail(given, task, "boom");
    expect(await statusOf(task)).toBe("waiting");
    expect(await onHub(network, task)).toBe(true);
    expect(await onHub(other.network, task)).toBe(false);
  });

  it("all count when several match, and the first that is used up ends it", async () => {
    const given = await prepared();
    await under.store.restarts.add(given.network, ["boom"], 5, user);
    await under.store.restarts.add(given.network, ["bo"], 1, user);
    await fail(given, given.task, "boom");
    expect(await statusOf(given.task)).toBe("waiting");
    await fail(given, given.task, "boom");
    expect(await statusOf(given.task)).toBe("error");
    expect(await onHub(given.network, given.task)).toBe(false);
  });

  it("added later decide on Tasks in error: matched ones wait again, others leave", async () => {
    const given = await prepared(3);
    const [first, second, third] = [nth(given.tasks, 0), nth(given.tasks, 1), nth(given.tasks, 2)];
    const claimed = await claimAll(under.store, given.hub, given.service, 2);
    for (const task of claimed) {
      await under.store.results.report(failure(task, given.service, task === claimed[0] ? "boom" : "crash"));
    }
    const [matching, not] = [nth(claimed, 0), nth(claimed, 1)];
    const untouched = nth(
      [first, second, third].filter((task) => !claimed.includes(task)),
      0,
    );
    await under.store.restarts.add(given.network, ["boom"], 1, user);
    expect(await statusOf(matching)).toBe("waiting");
    expect(await onHub(given.network, matching)).toBe(true);
    expect(await statusOf(not)).toBe("error");
    expect(await onHub(given.network, not)).toBe(false);
    expect(await statusOf(untouched)).toBe("waiting");
    expect(await onHub(given.network, untouched)).toBe(true);
  });

  it("take an errored Task without any traceback off the hub when they are added", async () => {
    const { network, task } = await prepared();
    await under.store.tasks.setStatuses([task], "running", user);
    await under.store.tasks.setStatuses([task], "error", user);
    await under.store.restarts.add(network, [".*"], 9, user);
    expect(await statusOf(task)).toBe("error");
    expect(await onHub(network, task)).toBe(false);
  });

  it("added again start counting anew; a new limit alone does not", async () => {
    const given = await prepared();
    const { network, task } = given;
    await under.store.restarts.add(network, ["boom"], 1, user);
    await fail(given, task, "boom");
    expect(await statusOf(task)).toBe("waiting");
    await under.store.restarts.setMaxRetries(network, ["boom"], 2, user);
    await fail(given, task, "boom");
    expect(await statusOf(task)).toBe("waiting");
    await under.store.restarts.add(network, ["boom"], 1, user);
    await fail(given, task, "boom");
    expect(await statusOf(task)).toBe("waiting");
    await fail(given, task, "boom");
    expect(await statusOf(task)).toBe("error");
  });

  it("count from 0 for a Task that is actioned again, and only then take hold of it", async () => {
    const given = await prepared();
    const { network, task } = given;
    await under.store.restarts.add(network, ["boom"], 1, user);
    await fail(given, task, "boom");
    await fail(given, task, "boom");
    expect(await onHub(network, task)).toBe(false);
    await under.store.hubs.action(network, [task], null, user);
    expect(await statusOf(task)).toBe("error");
    await under.store.tasks.setStatuses([task], "waiting", user);
    await fail(given, task, "boom");
    expect(await statusOf(task)).toBe("waiting");
  });

  it("that were removed no longer act", async () => {
    const given = await prepared();
    await under.store.restarts.add(given.network, ["boom"], 3, user);
    await under.store.restarts.remove(given.network, ["boom"], user);
    await fail(given, given.task, "boom");
    expect(await statusOf(given.task)).toBe("error");
    expect(await onHub(given.network, given.task)).toBe(true);
  });

  it("look at the newest failure only", async () => {
    const given = await prepared();
    await under.store.restarts.add(given.network, ["boom"], 5, user);
    await fail(given, given.task, "boom");
    await fail(given, given.task, "something else");
    expect(await statusOf(given.task)).toBe("error");
  });

  it("look at a failure without a result when that is the newest, and no longer when a result came after it", async () => {
    const given = await prepared();
    const { network, task, hub, service } = given;
    const now = Date.now() * 1000;
    const iso = (instant: number) => new Date(instant / 1000).toISOString().replace("Z", "000+00:00");
    await under.store.restarts.add(network, ["boom"], 9, user);
    await claimAll(under.store, hub, service, 1);
    await under.store.results.report(failure(task, service, "boom", { created: iso(now - 60e6) }));
    await claimAll(under.store, hub, service, 1);
    const bare = { task, service, exception: "E", actor: {} };
    await under.store.results.reportFailure({ ...bare, traceback: "boom too" });
    expect(await statusOf(task)).toBe("waiting");
    await claimAll(under.store, hub, service, 1);
    const later = { created: iso(now + 60e6), resultKey: "ProtocolDAGResult-later" };
    await under.store.results.report(failure(task, service, "something else", later));
    expect(await statusOf(task)).toBe("error");
    expect(await onHub(network, task)).toBe(false);
  });

  it("leave with a Task that is done", async () => {
    const given = await prepared();
    await under.store.restarts.add(given.network, ["boom"], 5, user);
    await claimAll(under.store, given.hub, given.service, 1);
    await under.store.results.report(report(given.task, given.service));
    await under.store.restarts.add(given.network, ["crash"], 5, user);
    expect(await statusOf(given.task)).toBe("complete");
    expect(await onHub(given.network, given.task)).toBe(false);
  });

  it("added while Tasks are actioned hold for all of them", async () => {
    const { network, transformation, hub, service, task } = await prepared();
    await under.store.hubs.cancel(network, [task], user);
    const tasks = await create(under.store, transformation, 20);
    await Promise.all([
      ...tasks.map((task) => under.store.hubs.action(network, [task], null, user)),
      under.store.restarts.add(network, ["boom"], 1, user),
    ]);
    const claimed = await claimAll(under.store, hub, service, 20);
    expect(claimed).toHaveLength(20);
    await Promise.all(claimed.map((task) => under.store.results.report(failure(task, service, "boom"))));
    expect(await under.store.tasks.getStatuses(tasks)).toEqual(tasks.map(() => "waiting"));
  });
});
