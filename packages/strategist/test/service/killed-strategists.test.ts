import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ScopedKey } from "@alchemiscale/contract";
import { afterEach, expect, it } from "vitest";
import type { IterationDecision } from "../../src/service/index.ts";
import { connectivity, onEveryEngine, type Place } from "./store-under-test.ts";

const script = fileURLToPath(new URL("./strategist-process.ts", import.meta.url));

onEveryEngine("two strategists on one store, killed again and again", (under) => {
  const children = new Set<ChildProcess>();
  const begin = () => {
    const child = spawn(process.execPath, [script, under.url], { stdio: ["ignore", "pipe", "inherit"] });
    children.add(child);
    return child;
  };
  const kill = async (child: ChildProcess) => {
    children.delete(child);
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  afterEach(async () => {
    await Promise.all([...children].map(kill));
  });

  const actioned = async ({ network }: Place): Promise<ScopedKey[]> => [
    ...((await under.store.hubs.actionedTasks([network]))[0]?.keys() ?? []),
  ];

  it("create no Task twice for the same target, and go on", { timeout: 90_000 }, async () => {
    const places = await Promise.all(["star3", "star6", "path6", "tree", "cycle4", "random0"].map((name) => under.network(name)));
    for (const place of places) await under.setStrategy(place, connectivity({ max_runs: 1000, decay_rate: 0.9 }));
    const finished = new Map<Place, number>(places.map((place) => [place, 0]));
    const strategists = [begin(), begin()];
    const compute = async () => {
      for (const place of places) {
        for (const task of (await actioned(place)).filter(() => Math.random() < 0.8)) {
          await under.finish(task);
          finished.set(place, (finished.get(place) ?? 0) + 1);
        }
      }
    };
    for (let killed = 0; killed < 4; killed += 1) {
      const [victim] = strategists.splice(killed % 2, 1);
      if (victim === undefined) throw new Error("there are two");
      // It has executed something, and is at the next ones.
      await once(victim.stdout ?? victim, "data");
      await compute();
      await sleep(600 * Math.random());
      await kill(victim);
      strategists.push(begin());
      await compute();
    }
    const decisionsOf = ({ network }: Place) => under.store.strategies.decisions(network, null, 50);
    // Those that are left go on: also where a slow machine saw one iteration only so far.
    for (const place of places) {
      while ((await decisionsOf(place)).length < 2) await Promise.all([compute(), sleep(50)]);
    }
    await Promise.all(strategists.map(kill));

    for (const place of places) {
      const tasks = await under.store.tasks.ofNetwork(place.network);
      const decisions = await decisionsOf(place);
      const state = (await under.store.strategies.get(place.network))?.state;
      // Every iteration is known, in order, and every Task comes from exactly one of them.
      expect(decisions.map(({ iteration }) => iteration)).toEqual(decisions.map((_, i) => decisions.length - i));
      expect(state?.iterations).toBe(decisions.length);
      expect(decisions.flatMap(({ created }) => created).sort()).toEqual([...tasks].sort());
      for (const { text, created } of decisions) {
        const { create } = JSON.parse(text) as IterationDecision;
        expect(created).toHaveLength(create.reduce((sum, { count }) => sum + count, 0));
      }
      // Every target was 1: there is never more than one at work for it.
      const left = await actioned(place);
      expect(left.length + (finished.get(place) ?? 0)).toBe(tasks.length);
      const of = await Promise.all(left.map((task) => under.store.tasks.transformationOf(task)));
      expect(new Set(of).size).toBe(left.length);
    }
    expect((await under.store.store.integrity()).findings).toEqual([]);
  });
});
