/**
 * That draws are weighted as they should be. Every draw of a sequence has known chances, given what is left: the sum of (drawn − chance)
 * over the root of the sum of chance · (1 − chance) is then standard normal, whatever arrived, left or changed in between.
 */
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { openStateStore } from "../src/index.ts";
import { claimAll, create, nth, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

/** One in a million runs exceeds this by chance. */
const limit = 4.9;

/** Watches draws one after the other; groups are what might be favoured wrongly. */
class DrawWatch {
  readonly #left = new Map<ScopedKey, { weight: number; group: string }>();
  /** What the Tasks left of each group weigh together. */
  readonly #weights = new Map<string, number>();
  readonly #sums = new Map<string, { excess: number; variance: number }>();

  set(task: ScopedKey, weight: number, group: string): void {
    this.#remove(task);
    this.#left.set(task, { weight, group });
    this.#weights.set(group, (this.#weights.get(group) ?? 0) + weight);
  }

  /** `among`: the groups that could be drawn from. */
  drawn(task: ScopedKey, among: (group: string) => boolean = () => true): void {
    const candidates = [...this.#weights].filter(([group]) => among(group));
    const total = candidates.reduce((sum, [, weight]) => sum + weight, 0);
    const actual = this.#remove(task);
    if (actual === undefined) throw new Error(`${task} was drawn twice`);
    for (const [group, weight] of candidates) {
      const chance = weight / total;
      const sum = this.#sums.get(group) ?? { excess: 0, variance: 0 };
      sum.excess += (group === actual ? 1 : 0) - chance;
      sum.variance += chance * (1 - chance);
      this.#sums.set(group, sum);
    }
  }

  /** Largest deviation of a group, in standard deviations. */
  get deviation(): number {
    return Math.max(...[...this.#sums.values()].map(({ excess, variance }) => Math.abs(excess) / Math.sqrt(variance || 1)));
  }

  #remove(task: ScopedKey): string | undefined {
    const known = this.#left.get(task);
    if (known === undefined) return undefined;
    this.#left.delete(task);
    this.#weights.set(known.group, (this.#weights.get(known.group) ?? 0) - known.weight);
    return known.group;
  }
}

onEveryEngine("the draw", (under) => {
  const draws = under.engine === "SQLite" ? 3000 : 1200;
  const one = async (hub: ScopedKey, service: ComputeServiceId, protocols: string[] | null = null): Promise<ScopedKey> => {
    const [task] = await under.store.claims.claimFromHub(hub, { service, count: 1, protocols });
    if (task === null || task === undefined) throw new Error("nothing was left to draw");
    return task;
  };

  it("is proportional to the weights of what is left", async () => {
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const service = await under.service();
    const tasks = await create(under.store, nth(transformations, 0), draws * 1.5);
    const weights = tasks.map((_, i) => [1, 0.5, 0.1, 0.02][i % 4] ?? 1);
    await under.store.hubs.action(network, tasks, weights, user);
    const watch = new DrawWatch();
    for (const [i, task] of tasks.entries()) watch.set(task, weights[i] ?? 1, `weight ${weights[i]}`);
    for (let i = 0; i < draws; i++) watch.drawn(await one(hub, service));
    expect(watch.deviation).toBeLessThan(limit);
  });

  it("treats late arrivals, changed weights and returned Tasks like everything else", async () => {
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const service = await under.service();
    const watch = new DrawWatch();
    const arrive = async (count: number, group: string) => {
      const tasks = await create(under.store, nth(transformations, 0), count);
      const weights = tasks.map((_, i) => (i % 2 === 0 ? 0.5 : 0.1));
      await under.store.hubs.action(network, tasks, weights, user);
      for (const [i, task] of tasks.entries()) watch.set(task, weights[i] ?? 1, group);
      return tasks;
    };
    const early = await arrive(draws, "early");
    for (let round = 0; round < 6; round++) {
      const drawn: ScopedKey[] = [];
      for (let i = 0; i < draws / 10; i++) {
        drawn.push(await one(hub, service));
        watch.drawn(nth(drawn, -1));
      }
      await arrive(draws / 10, round < 3 ? "late" : "later");
      const back = drawn.slice(0, draws / 30);
      await under.store.tasks.setStatuses(back, "waiting", user);
      const known = (await under.store.hubs.actionedTasks([network]))[0];
      for (const task of back) watch.set(task, known?.get(task) ?? 1, "returned");
      const waiting = new Set(await under.store.tasks.ofNetwork(network, "waiting"));
      const changed = early.filter((task) => waiting.has(task) && !back.includes(task)).slice(0, draws / 30);
      await under.store.hubs.action(network, changed, 0.3, user);
      for (const task of changed) watch.set(task, 0.3, "changed");
    }
    expect(watch.deviation).toBeLessThan(limit);
  });

  it("is the same over several Protocol classes, also while some claims ask for one of them only", async () => {
    const classes = ["ProtocolA", "ProtocolB", "ProtocolC"];
    const { network, hub, transformations } = await under.network({ transformations: 3, protocol: (i) => nth(classes, i) });
    const service = await under.service();
    const watch = new DrawWatch();
    const arrive = async (i: number, count: number, when: string) => {
      const tasks = await create(under.store, nth(transformations, i), count);
      const weight = 0.2 + 0.3 * i;
      await under.store.hubs.action(network, tasks, weight, user);
      for (const task of tasks) watch.set(task, weight, `${nth(classes, i)} ${when}`);
    };
    for (const i of classes.keys()) await arrive(i, draws, "early");
    for (let i = 0; i < draws; i++) {
      // What asks for one class only leaves the others behind, and what comes to those later must not be put off by that.
      if (i === draws / 3) for (const k of classes.keys()) await arrive(k, draws / 2, "late");
      const asked = i < draws / 3 || i % 3 === 0 ? ["ProtocolA"] : i % 3 === 1 ? ["ProtocolB", "ProtocolC"] : null;
      watch.drawn(await one(hub, service, asked), (group) => asked === null || asked.some((name) => group.startsWith(name)));
    }
    expect(watch.deviation).toBeLessThan(limit);
  });

  it("of hubs is proportional to their weights", async () => {
    const org = under.engine === "SQLite" ? "drawhubs" : "drawhubspg";
    const service = await under.service();
    const weights = [1, 0.5, 0.25];
    for (const [i, weight] of weights.entries()) {
      const { network, transformations } = await under.network({ scope: `${org}-c-p${i}`, transformations: 1 });
      await under.store.hubs.action(network, await create(under.store, nth(transformations, 0), 800), null, user);
      await under.store.networks.setWeights([network], [weight], user);
    }
    const counts = [0, 0, 0];
    const n = 700;
    for (let i = 0; i < n; i++) {
      const { tasks } = await under.store.claims.claim({
        service,
        count: 1,
        protocols: null,
        scopes: [`${org}-*-*` as never],
        exclude: [],
        forgiveBefore: 0,
        maxFailures: 3,
        sentScopesExclude: true,
      });
      const place = Number(tasks[0]?.at(-1));
      counts[place] = (counts[place] ?? 0) + 1;
    }
    for (const [i, count] of counts.entries()) {
      const chance = nth(weights, i) / 1.75;
      expect(Math.abs(count - n * chance) / Math.sqrt(n * chance * (1 - chance))).toBeLessThan(limit);
    }
  });

  it("by 32 claimers at once on 10,000 Tasks gives each to one, in proportion to the weights", { timeout: 120_000 }, async () => {
    const count = 10_000;
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(transformations, 0), count);
    const kinds = [0.1, 0.3, 0.6, 1];
    await under.store.hubs.action(
      network,
      tasks,
      tasks.map((_, i) => nth(kinds, i % 4)),
      user,
    );
    const kindOf = new Map(tasks.map((task, i) => [task, i % 4]));
    const services = await Promise.all(Array.from({ length: 32 }, () => under.service()));
    const claimed: ScopedKey[] = [];
    const claimUntil = async (enough: number) => {
      await Promise.all(
        services.map(async (service) => {
          while (claimed.length < enough) {
            const batch = await claimAll(under.store, hub, service, 1);
            if (batch.length === 0) return;
            claimed.push(...batch);
          }
        }),
      );
    };

    await claimUntil(count / 2);
    // After a time t, what weighs w has been drawn with the chance 1 − exp(−w t); t follows from how many were drawn in all.
    const chances = (t: number) => kinds.map((weight) => 1 - Math.exp(-weight * t));
    let [low, high] = [0, 100];
    for (let i = 0; i < 60; i++) {
      const t = (low + high) / 2;
      const drawn = chances(t).reduce((sum, chance) => sum + (chance * count) / 4, 0);
      if (drawn < claimed.length) low = t;
      else high = t;
    }
    for (const [kind, chance] of chances(low).entries()) {
      const drawn = claimed.filter((task) => kindOf.get(task) === kind).length;
      expect(Math.abs(drawn - (chance * count) / 4) / Math.sqrt((count / 4) * chance * (1 - chance))).toBeLessThan(limit);
    }

    await claimUntil(Number.POSITIVE_INFINITY);
    expect(claimed).toHaveLength(count);
    expect(new Set(claimed)).toEqual(new Set(tasks));
  });

  it("treats what arrives while 16 claimers never stop like everything else, although clocks may lag behind them", {
    timeout: 120_000,
  }, async () => {
    let over = false;
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const store = await openStateStore(under.url, { connections: 18 });
    try {
      const services = await Promise.all(Array.from({ length: 16 }, () => under.service()));
      const batch = 150;
      const rounds = under.engine === "SQLite" ? 60 : 30;
      /** The arrival that each Task came with, and the claims in the order in which they were asked for. */
      const arrivals = new Map<ScopedKey, number>();
      const claims: { readonly asked: number; readonly task: ScopedKey }[] = [];
      let asked = 0;
      const arrive = async (n: number, count: number) => {
        const tasks = await create(store, nth(transformations, 0), count);
        const began = asked;
        await store.hubs.action(network, tasks, null, user);
        for (const task of tasks) arrivals.set(task, n);
        return { began, settled: asked };
      };
      await arrive(0, 1500);
      let until = Number.POSITIVE_INFINITY;
      let drawnEnough = Promise.withResolvers<void>();
      let arrived = Promise.withResolvers<void>();
      const claimers = services.map(async (service) => {
        while (!over) {
          // On a busy machine an arrival may take longer than the claimers need for all that is there; they leave something then.
          if (arrivals.size - claims.length < batch) await arrived.promise;
          const place = asked++;
          const [task] = await claimAll(store, hub, service, 1);
          if (task !== undefined && claims.push({ asked: place, task }) >= until) drawnEnough.resolve();
        }
      });
      const windows: { readonly began: number; readonly settled: number }[] = [];
      for (let n = 1; n <= rounds; n++) {
        windows.push(await arrive(n, batch));
        arrived.resolve();
        arrived = Promise.withResolvers<void>();
        until = Math.min(claims.length + batch, arrivals.size - batch);
        drawnEnough = Promise.withResolvers<void>();
        if (claims.length >= until) continue;
        const patience = setTimeout(
          () => drawnEnough.reject(new Error(`${claims.length} claims of ${until} after arrival ${n}`)),
          30_000,
        );
        // A claimer that fails ends the wait with its error.
        await Promise.race([drawnEnough.promise, ...claimers]).finally(() => clearTimeout(patience));
      }
      over = true;
      arrived.resolve();
      await Promise.all(claimers);

      // Claims asked for when an arrival had been acknowledged, and before the next one began, draw from what was left by all before them.
      let [excess, variance, drawn, shares] = [0, 0, 0, 0];
      for (const [i, { settled }] of windows.entries()) {
        const end = windows[i + 1]?.began ?? asked;
        const earlier = new Set(claims.filter((claim) => claim.asked < settled).map(({ task }) => task));
        const here = claims.filter((claim) => claim.asked >= settled && claim.asked < end);
        const left = [...arrivals].filter(([task, arrival]) => arrival <= i + 1 && !earlier.has(task));
        if (left.length < 2) continue;
        const late = left.filter(([, arrival]) => arrival === i + 1).length;
        const [n, share] = [here.length, late / left.length];
        drawn += n;
        shares += share;
        excess += here.filter(({ task }) => arrivals.get(task) === i + 1).length - n * share;
        variance += (n * share * (1 - share) * (left.length - n)) / (left.length - 1);
      }
      expect(drawn).toBeGreaterThan((rounds * batch) / 4);
      // A clock that is `lag` draws behind lets late ones in for so many draws more: on PostgreSQL those of claims that have not committed yet.
      const lag = excess / shares;
      const allowed = under.engine === "SQLite" ? 0 : services.length;
      expect(Math.abs(lag)).toBeLessThan(allowed + (limit * Math.sqrt(variance)) / shares);
      expect(new Set(claims.map(({ task }) => task)).size).toBe(claims.length);
    } finally {
      over = true;
      await store.close();
    }
  });
});
