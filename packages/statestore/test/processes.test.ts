/** API processes, and what silence means while there are none. */
import type { ComputeManagerId, ComputeServiceId } from "@alchemiscale/contract";
import { describe, expect, it } from "vitest";
import type { ApiProcess } from "../src/index.ts";
import { claimAll, create, failure, nth, report, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

const second = 1e6;
const minute = 60 * second;
const hour = 60 * minute;

onEveryEngine("API processes", (under) => {
  /** Later than everything before in this store. */
  let now = Date.now() * 1000 + hour;
  const at = (instant: number) => {
    now = instant;
    under.setClock(now);
  };
  const pass = (time: number) => at(now + time);
  const process = (id: string, kind: ApiProcess["kind"] = "both") => ({ id, kind, host: "here", pid: 4711, started: now });
  const beat = (id: string, kind?: ApiProcess["kind"]) => under.store.processes.beat(process(id, kind), 30);
  const ids = async () => (await under.store.processes.list()).map(({ id }) => id);

  it("are listed while they are heard of, and until they leave", async () => {
    pass(hour);
    await beat("a");
    pass(second);
    await beat("b", "user");
    expect(await under.store.processes.list()).toEqual([
      { ...process("a"), started: now - second, heartbeat: now - second },
      { ...process("b", "user"), heartbeat: now },
    ]);
    pass(20 * second);
    await beat("a");
    pass(20 * second);
    expect(await ids()).toEqual(["a"]);
    await beat("b", "user");
    expect(await ids()).toEqual(["a", "b"]);
    await under.store.processes.leave("a");
    await under.store.processes.leave("a");
    expect(await ids()).toEqual(["b"]);
    pass(minute);
    expect(await ids()).toEqual([]);
  });

  it("take a duty in turns: one has it until it leaves or is silent", async () => {
    const { takeLease, leave } = under.store.processes;
    expect(await Promise.all(["a", "b", "c"].map((id) => takeLease("duty", id, 30)))).toEqual([true, false, false]);
    expect(await takeLease("another", "b", 30)).toBe(true);
    pass(20 * second);
    expect(await takeLease("duty", "a", 30)).toBe(true);
    pass(20 * second);
    expect(await takeLease("duty", "b", 30)).toBe(false);
    pass(20 * second);
    expect(await takeLease("duty", "b", 30)).toBe(true);
    expect(await takeLease("duty", "a", 30)).toBe(false);
    await leave("b");
    expect(await takeLease("duty", "a", 30)).toBe(true);
  });

  describe("and expiry", () => {
    const expire = () => under.store.services.expire(now - 30 * minute);
    const claiming = async () => {
      const submitted = await under.network({ transformations: 1 });
      const tasks = await create(under.store, nth(submitted.transformations, 0), 3);
      await under.store.hubs.action(submitted.network, tasks, null, user);
      const service = await under.service();
      await claimAll(under.store, submitted.hub, service, 2);
      return { ...submitted, service };
    };
    const live = async (time: number, id = "a") => {
      for (const end = now + time; now < end; pass(Math.min(20 * second, end - now))) await beat(id);
      await beat(id);
    };
    const known = async (service: ComputeServiceId) => (await under.store.services.get(service)) !== null;

    it("gives a whole period after an outage, counted from the first start, whoever else starts later", async () => {
      pass(hour);
      await beat("before");
      const { service, network } = await claiming();
      await live(10 * minute);
      pass(5 * hour);
      expect(await expire()).toEqual([]);
      await live(20 * minute, "first");
      await under.store.processes.leave("first");
      // A rolling restart: the next process is there before the time of the last one is over.
      await live(9 * minute, "second");
      await live(50 * second, "third");
      expect(await expire()).toEqual([]);
      await live(20 * second, "fourth");
      expect(await expire()).toEqual([service]);
      expect(await under.store.networks.statuses([network])).toEqual([{ waiting: 3 }]);
    });

    it("of managers in OK waits as well; one in ERROR has said its last word", async () => {
      pass(hour);
      await beat("a");
      const [ok, failed] = [
        "life-00000000000000000000000000000001",
        "dead-00000000000000000000000000000002",
      ] as ComputeManagerId[];
      for (const manager of [ok, failed])
        if (manager !== undefined) await under.store.managers.register(manager, { steal: false, identity: null });
      await under.store.managers.report(failed as ComputeManagerId, { status: "ERROR", detail: "no quota" });
      pass(5 * hour);
      await beat("a");
      const expireManagers = () => under.store.managers.expire(now - hour, now - hour);
      expect(await expireManagers()).toEqual([failed]);
      await live(59 * minute);
      expect(await expireManagers()).toEqual([]);
      await live(minute);
      expect(await expireManagers()).toEqual([ok]);
    });

    it("counts only processes that services can reach", async () => {
      pass(hour);
      await beat("a");
      const { service } = await claiming();
      for (let i = 0; i < 200; i++) {
        pass(25 * second);
        await beat("u", "user");
      }
      expect(await expire()).toEqual([]);
      await live(29 * minute, "c");
      expect(await expire()).toEqual([]);
      await live(2 * minute, "c");
      expect(await expire()).toEqual([service]);
    });

    it("spares whoever comes back in time, by a heartbeat or by a result; the rest of its claims with it", async () => {
      pass(hour);
      await beat("a");
      const beating = await claiming();
      const reporting = await claiming();
      const failing = await claiming();
      const silent = await claiming();
      pass(5 * hour);
      await live(29 * minute);
      await under.store.services.heartbeat(beating.service);
      const held = async ({ network, service }: typeof silent) => {
        for (const task of await under.store.tasks.ofNetwork(network, "running")) {
          if ((await under.store.claims.holder(task))?.service === service) return task;
        }
        throw new Error("the service holds a Task");
      };
      await under.store.results.report(report(await held(reporting), reporting.service));
      await under.store.results.report(failure(await held(failing), failing.service, "boom"));
      await live(2 * minute);
      expect(await expire()).toEqual([silent.service]);
      expect(await Promise.all([beating, reporting, failing, silent].map(({ service }) => known(service)))).toEqual([
        true,
        true,
        true,
        false,
      ]);
      const counts = await under.store.networks.statuses([beating, reporting, failing, silent].map(({ network }) => network));
      expect(counts).toEqual([
        { waiting: 1, running: 2 },
        { waiting: 1, running: 1, complete: 1 },
        { waiting: 1, running: 1, error: 1 },
        { waiting: 3 },
      ]);
    });

    it("takes a time without the database for an outage of all", async () => {
      pass(hour);
      await beat("a");
      const { service } = await claiming();
      // The process is there all the time, and nothing comes through.
      pass(hour);
      await beat("a");
      expect(await expire()).toEqual([]);
      expect(await known(service)).toBe(true);
    });
  });
});
