import { gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import type { StateStore, TransformationSummary } from "../src/index.ts";
import { claimAll, create, failure, nth, report, unknownNetwork, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

onEveryEngine("estimates", (under) => {
  /** A network of one Transformation with results, their keys counted up. */
  const withResults = async (count: number, ok = true) => {
    const submitted = await under.network({ transformations: 1 });
    const transformation = nth(submitted.transformations, 0);
    const tasks = await create(under.store, transformation, count);
    await under.store.hubs.action(submitted.network, tasks, null, user);
    const service = await under.service();
    await claimAll(under.store, submitted.hub, service, count);
    const refs: ScopedKey[] = [];
    for (const [i, task] of tasks.entries()) {
      const resultKey = `ProtocolDAGResult-${i}`;
      refs.push(await under.store.results.report(ok ? report(task, service, { resultKey }) : failure(task, service, "no luck")));
    }
    return { ...submitted, transformation, tasks, service, refs };
  };

  /** Everything that is unread of these, however much others have left. */
  const unreadOf = async (refs: readonly ScopedKey[]) => {
    const found = await under.store.estimates.unread(0, 10_000);
    return found.filter(({ ref }) => refs.includes(ref));
  };

  const readAll = async (refs: readonly ScopedKey[], text = "read") => {
    const unread = await unreadOf(refs);
    await under.store.estimates.writeReadings(
      unread.map(({ cursor, resultKey }) => ({ result: cursor, version: 1, text: `${text} ${resultKey}` })),
    );
  };

  const staleOf = async (transformation: ScopedKey) =>
    (await under.store.estimates.staleTransformations(10_000)).find((stale) => stale.transformation === transformation);

  const summarize = async (transformation: ScopedKey, text: string): Promise<TransformationSummary> => {
    const stale = await staleOf(transformation);
    if (stale === undefined) throw new Error("not stale");
    const summary = { id: stale.id, revision: stale.revision, text, brief: `${text} in brief`, words: `${text} in words` };
    await under.store.estimates.writeSummaries([summary]);
    return summary;
  };

  it("begin with results that nobody has read, the oldest first", async () => {
    const { refs, task, transformation, scope } = await withResults(3).then((given) => ({ ...given, task: nth(given.tasks, 0) }));
    const unread = await unreadOf(refs);
    expect(unread.map(({ ref }) => ref)).toEqual(refs);
    expect(unread[0]).toMatchObject({ task, transformation, resultKey: "ProtocolDAGResult-0", ok: true });
    expect(unread[0]?.protocol).toMatch(new RegExp(`^DummyProtocol-[0-9a-f]{32}-${scope}$`));
    const [first] = await under.store.estimates.unread(nth(unread, 0).cursor, 1);
    expect(first?.ref).toBe(refs[1]);
    await readAll(refs.slice(0, 2));
    expect((await unreadOf(refs)).map(({ ref }) => ref)).toEqual(refs.slice(2));
    expect(await under.store.estimates.ofTransformation(transformation)).toEqual({ text: null, unread: 1, stale: true });
  });

  it("make a summary of what was read, sorted by result, with hardware and failures without a result", async () => {
    const { refs, tasks, transformation, service } = await withResults(2);
    await readAll(refs);
    await under.store.estimates.setHardware(nth(refs, 1), "H200");
    const [task] = await create(under.store, transformation, 1);
    if (task === undefined) throw new Error("no Task");
    for (const exception of ["KeyError", "KeyError"]) {
      await under.store.tasks.setStatuses([task], "waiting", user);
      await under.store.tasks.setStatuses([task], "running", user);
      await under.store.results.reportFailure({ task, service, exception, traceback: `${Math.random()}`, actor: {} });
    }
    const stale = await staleOf(transformation);
    expect(stale?.readings.map(({ resultKey, text, hardware, ok }) => [resultKey, text, hardware, ok])).toEqual([
      ["ProtocolDAGResult-0", "read ProtocolDAGResult-0", null, true],
      ["ProtocolDAGResult-1", "read ProtocolDAGResult-1", "H200", true],
    ]);
    expect(stale?.readings[0]?.service).toBe(service);
    const texts = stale?.readings.map(({ text }) => text);
    expect(await under.store.estimates.readings(transformation, 10)).toEqual(texts);
    expect(await under.store.estimates.readings(transformation, 1)).toEqual(texts?.slice(0, 1));
    expect(stale?.failures).toEqual([{ exception: "KeyError", failures: 2 }]);
    await summarize(transformation, "one");
    expect(await staleOf(transformation)).toBeUndefined();
    expect(await under.store.estimates.ofTransformation(transformation)).toEqual({ text: "one", unread: 0, stale: false });
    // Invalid Tasks keep their results, and those count.
    await under.store.tasks.setStatuses(tasks, "invalid", user);
    await readAll(refs);
  });

  it("know the hardware that was told with a result, or when it was sent again", async () => {
    const { transformation, hub, network } = await under.network({ transformations: 1 }).then((given) => ({
      ...given,
      transformation: nth(given.transformations, 0),
    }));
    const tasks = await create(under.store, transformation, 3);
    await under.store.hubs.action(network, tasks, null, user);
    const service = await under.service();
    await claimAll(under.store, hub, service, 3);
    const reports = tasks.map((task, i) => report(task, service, { resultKey: `ProtocolDAGResult-${i}` }));
    const hardware = ["H200", null, "A100"];
    const refs: ScopedKey[] = [];
    for (const [i, each] of reports.entries()) {
      refs.push(await under.store.results.report({ ...each, ...(i < 2 && { hardware: hardware[i] ?? null }) }));
    }
    await readAll(refs);
    await summarize(transformation, "one");
    expect(await under.store.results.report({ ...nth(reports, 2), hardware: "A100" })).toBe(refs[2]);
    expect((await staleOf(transformation))?.readings.map((reading) => reading.hardware)).toEqual(hardware);
  });

  it("of an older revision never replace newer ones, and the same twice changes nothing", async () => {
    const { refs, transformation, network } = await withResults(2);
    await readAll(refs.slice(0, 1));
    const old = await staleOf(transformation);
    await readAll(refs.slice(1));
    const newer = await summarize(transformation, "newer");
    if (old === undefined) throw new Error("not stale");
    await under.store.estimates.writeSummaries([{ id: old.id, revision: old.revision, text: "older", brief: "", words: "" }]);
    expect(await under.store.estimates.ofTransformation(transformation)).toMatchObject({ text: "newer", stale: false });
    const inputs = await under.store.estimates.networkInputs(network);
    await under.store.estimates.writeSummaries([newer]);
    expect(await under.store.estimates.networkInputs(network)).toEqual(inputs);
    expect(inputs?.summaries).toEqual([{ transformation: gufeKeyOf(transformation), brief: "newer in brief" }]);
  });

  it("tell those who watch the network when a summary says something new", async () => {
    const { refs, transformation, network } = await withResults(1);
    const told = async () =>
      (await under.store.events.ofNetwork(network)).filter(({ kind }) => kind === "estimate").map(({ from, to }) => [from, to]);
    await readAll(refs);
    expect(await told()).toEqual([]);
    await summarize(transformation, "a");
    expect(await told()).toEqual([[gufeKeyOf(transformation), "a in words"]]);
    await under.store.estimates.setHardware(nth(refs, 0), "CPU");
    await summarize(transformation, "a");
    expect(await told()).toHaveLength(1);
  });

  it("of networks are stale when a summary is new, and follow the latest revision", async () => {
    const { refs, transformation, network } = await withResults(2);
    const { estimates } = under.store;
    expect(await estimates.ofNetwork(network)).toEqual({ text: null, unread: 2, stale: false });
    expect(await estimates.networkInputs(network)).toEqual({ revision: 0, edges: null, summaries: [] });
    await estimates.writeNetworkEstimates(network, 0, "empty");
    expect(await estimates.ofNetwork(network)).toMatchObject({ text: "empty", stale: false });
    await readAll(refs.slice(0, 1));
    expect(await estimates.ofNetwork(network)).toEqual({ text: "empty", unread: 1, stale: true });
    await summarize(transformation, "one");
    expect(await estimates.staleNetworks(10_000)).toContain(network);
    const first = await estimates.networkInputs(network);
    await readAll(refs.slice(1));
    await summarize(transformation, "two");
    const second = await estimates.networkInputs(network);
    await estimates.writeNetworkEdges(network, "edges");
    await estimates.writeNetworkEstimates(network, second?.revision ?? 0, "of two");
    await estimates.writeNetworkEstimates(network, first?.revision ?? 0, "of one");
    expect(await estimates.ofNetwork(network)).toEqual({ text: "of two", unread: 0, stale: false });
    expect((await estimates.networkInputs(network))?.edges).toBe("edges");
    expect(await estimates.staleNetworks(10_000)).not.toContain(network);
    expect(await estimates.ofNetwork(unknownNetwork(under.scope()))).toBeNull();
    expect(await estimates.networkInputs(unknownNetwork(under.scope()))).toBeNull();
  });

  it("are made anew from everything when readings are forgotten", async () => {
    const { refs, transformation } = await withResults(3);
    await readAll(refs);
    await summarize(transformation, "one");
    let forgotten = await under.store.estimates.forget(0, 2);
    expect(forgotten?.results).toBeGreaterThan(0);
    while (forgotten !== null) forgotten = await under.store.estimates.forget(forgotten.last, 2);
    expect(await unreadOf(refs)).toHaveLength(3);
    // What was known is shown until then.
    expect(await under.store.estimates.ofTransformation(transformation)).toMatchObject({ text: "one", unread: 3 });
    await readAll(refs);
    expect((await staleOf(transformation))?.readings).toHaveLength(3);
  });

  it("count failed results, too, which are read for their times", async () => {
    const { refs, transformation } = await withResults(1, false);
    await readAll(refs);
    expect((await staleOf(transformation))?.readings.map(({ ok }) => ok)).toEqual([false]);
  });

  it("by two at once lose nothing and wait for nobody", async () => {
    const { refs, transformation, network } = await withResults(8);
    const unread = await unreadOf(refs);
    const work = async (store: StateStore) => {
      for (const { cursor, resultKey } of unread) {
        await store.estimates.writeReadings([{ result: cursor, version: 1, text: resultKey }]);
        const stale = await staleOf(transformation);
        if (stale === undefined) continue;
        const { id, revision, readings } = stale;
        await store.estimates.writeSummaries([
          { id, revision, text: `${readings.length}`, brief: `${readings.length}`, words: "" },
        ]);
      }
    };
    await Promise.all([work(under.store), work(under.store), work(under.store)]);
    if ((await staleOf(transformation)) !== undefined) await summarize(transformation, "8");
    expect(await under.store.estimates.ofTransformation(transformation)).toEqual({ text: "8", unread: 0, stale: false });
    expect(await under.store.estimates.ofNetwork(network)).toMatchObject({ unread: 0, stale: true });
    const { results } = await under.store.estimates.backlog();
    expect(results).toBe((await under.store.estimates.unread(0, 10_000)).length);
  });
});
