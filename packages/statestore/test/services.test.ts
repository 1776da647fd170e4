import type { ComputeManagerId, ComputeServiceId } from "@alchemiscale/contract";
import { describe, expect, it } from "vitest";
import { claimAll, create, failure, nth, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

onEveryEngine("services", (under) => {
  const claimed = async (count: number) => {
    const submitted = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(submitted.transformations, 0), count);
    await under.store.hubs.action(submitted.network, tasks, null, user);
    const service = await under.service();
    return { ...submitted, tasks, service };
  };

  it("give their running Tasks back when they deregister, and the Tasks stay on their hubs", async () => {
    const { hub, network, tasks, service } = await claimed(10);
    await claimAll(under.store, hub, service, 4);
    expect(await under.store.networks.statuses([network])).toEqual([{ waiting: 6, running: 4 }]);
    await under.store.services.deregister(service, { identity: "compute" });
    await under.store.services.deregister(service, {});
    expect(await under.store.networks.statuses([network])).toEqual([{ waiting: 10 }]);
    expect(await under.store.services.get(service)).toBeNull();
    const another = await under.service();
    expect((await claimAll(under.store, hub, another, 20)).sort()).toEqual([...tasks].sort());
  });

  it("say in the log whose claims were returned and why", async () => {
    const { hub, tasks, service } = await claimed(1);
    await claimAll(under.store, hub, service, 1);
    await under.store.services.deregister(service, { identity: "compute" });
    expect((await under.store.events.ofTask(nth(tasks, 0))).at(-1)).toMatchObject({
      kind: "status",
      from: "running",
      to: "waiting",
      service,
      identity: "compute",
      reason: "deregister",
    });
  });

  it("registered again keep their claims and get new times", async () => {
    const { hub, tasks, service } = await claimed(2);
    await claimAll(under.store, hub, service, 2);
    const before = await under.store.services.get(service);
    under.setClock(Date.now() * 1000 + 5_000_000);
    await under.store.services.register(service, { managerName: null, sentManagerKey: false, identity: null });
    under.setClock(null);
    const after = await under.store.services.get(service);
    expect(after?.registered).toBeGreaterThan(before?.registered ?? Number.POSITIVE_INFINITY);
    expect(after).toMatchObject({ sentManagerKey: false });
    expect(await under.store.claims.holder(nth(tasks, 0))).toMatchObject({ service });
    expect((await under.store.services.list()).find((row) => row.service === service)).toMatchObject({
      claims: 2,
      versions: null,
    });
  });

  it("beat while they are known", async () => {
    const service = await under.service();
    under.setClock(Date.now() * 1000 + 7_000_000);
    expect(await under.store.services.heartbeat(service)).toBe(true);
    const now = (await under.store.services.get(service))?.heartbeat;
    under.setClock(null);
    expect(now).toBeGreaterThan(Date.now() * 1000);
    expect(await under.store.services.heartbeat("nobody-00000000000000000000000000000000" as ComputeServiceId)).toBe(false);
  });

  it("expire when their heartbeat is older, with the same effect; nobody else is touched", async () => {
    const hour = 3600e6;
    const start = Date.now() * 1000;
    const stale: ComputeServiceId[] = [];
    under.setClock(start - 2 * hour);
    const { hub, network, tasks, service } = await claimed(5);
    stale.push(service, await under.service());
    await claimAll(under.store, hub, service, 2);
    await under.store.results.report(failure(nth(await claimAll(under.store, hub, service, 1), 0), service, "boom"));
    under.setClock(start - hour);
    const edge = await under.service();
    under.setClock(null);
    const fresh = await under.service();
    await claimAll(under.store, hub, fresh, 1);
    expect((await under.store.services.expire(start - hour)).sort()).toEqual(stale.sort());
    expect(await under.store.services.expire(start - hour)).toEqual([]);
    expect(await under.store.services.get(edge)).not.toBeNull();
    expect(await under.store.networks.statuses([network])).toEqual([{ waiting: 3, running: 1, error: 1 }]);
    expect(tasks).toHaveLength(5);
  });

  it("need the manager that they name", async () => {
    const service = "managed-00000000000000000000000000000001" as ComputeServiceId;
    await expect(
      under.store.services.register(service, { managerName: "nobody", sentManagerKey: true, identity: null }),
    ).rejects.toMatchObject({
      name: "ManagerNotFound",
      data: { name: "nobody" },
    });
    expect(await under.store.services.get(service)).toBeNull();
  });

  describe("and their failures", () => {
    const gate = (service: ComputeServiceId, failureMemory: "registration" | "history", forgiveBefore = 0) =>
      under.store.claims.claim({
        service,
        count: 0,
        protocols: null,
        scopes: [],
        exclude: [],
        forgiveBefore,
        maxFailures: 1,
        failureMemory,
        sentScopesExclude: true,
      });
    let uuids = 0;
    const uuid = () => (uuids++).toString(16).padStart(32, "a");
    const register = async (name: string, options: Partial<Parameters<typeof under.store.services.register>[1]> = {}) => {
      const service = `${name}-${uuid()}` as ComputeServiceId;
      await under.store.services.register(service, { managerName: null, sentManagerKey: true, identity: "us", ...options });
      return service;
    };
    const fail = async (service: ComputeServiceId, times: number) => {
      const { network, hub, transformations } = await under.network({ transformations: 1 });
      const tasks = await create(under.store, nth(transformations, 0), times);
      await under.store.hubs.action(network, tasks, null, user);
      await claimAll(under.store, hub, service, times);
      for (const task of tasks) await under.store.results.report(failure(task, service, "boom"));
      return tasks;
    };

    it("are remembered by identity, name and host when the registration is gone, and counted only where that is asked for", async () => {
      const versions = { executor: "native 1", gufe: "1.12.0" };
      const first = await register("box", { host: "node1", versions });
      expect((await under.store.services.list()).find(({ service }) => service === first)).toMatchObject({
        host: "node1",
        versions,
      });
      const [task] = await fail(first, 2);
      expect(await gate(first, "registration")).toMatchObject({ denied: true });
      expect(await gate(first, "history")).toMatchObject({ denied: true });
      await under.store.services.deregister(first, {});
      const again = await register("box", { host: "node1" });
      expect(await gate(again, "registration")).toMatchObject({ denied: false });
      expect(await gate(again, "history")).toMatchObject({ denied: true });
      expect(await gate(again, "history", Date.now() * 1000 + 1e6)).toMatchObject({ denied: false });
      for (const other of [
        await register("box", { host: "node2" }),
        await register("box"),
        await register("box", { host: "node1", identity: "them" }),
        await register("boxes", { host: "node1" }),
      ])
        expect(await gate(other, "history")).toMatchObject({ denied: false });

      const listed = await under.store.services.failures({ name: "box" });
      expect(listed).toHaveLength(2);
      expect(nth(listed, -1)).toMatchObject({ identity: "us", name: "box", host: "node1", service: first, task });
      expect(nth(listed, 0).id).toBeGreaterThan(nth(listed, 1).id);
      expect(await under.store.services.failures({ name: "box", before: nth(listed, 0).id })).toEqual(listed.slice(1));
      expect((await under.store.services.failures({ limit: 2 })).map(({ id }) => id)).toEqual(listed.map(({ id }) => id));
    });

    it("of the services of a manager count together", async () => {
      const manager = `fleet-${uuid()}` as ComputeManagerId;
      await under.store.managers.register(manager, { steal: false, identity: "us" });
      const [one, two] = [
        await register("fleet.1", { managerName: "fleet" }),
        await register("fleet.2", { managerName: "fleet" }),
      ];
      await fail(one, 1);
      await fail(two, 1);
      const three = await register("fleet.3", { managerName: "fleet" });
      expect(await gate(three, "registration")).toMatchObject({ denied: false });
      expect(await gate(three, "history")).toMatchObject({ denied: true });
      const asked = { scopes: [], protocols: null, forgiveBefore: 0, maxFailures: 1 };
      expect(await under.store.managers.instruction(manager, asked)).toMatchObject({ kind: "ok" });
      expect(await under.store.managers.instruction(manager, { ...asked, failureMemory: "history" })).toMatchObject({
        kind: "skip",
      });
      expect((await under.store.services.failures({ name: "fleet" })).map(({ host, service }) => [host, service])).toEqual([
        [null, two],
        [null, one],
      ]);
    });

    it("of who is not registered any more are in the history, under the identity that reports", async () => {
      const { transformations } = await under.network({ transformations: 1 });
      const [task] = await create(under.store, nth(transformations, 0), 1);
      if (task === undefined) throw new Error("a Task was created");
      const gone = `gone-${uuid()}`;
      await under.store.results.report(failure(task, gone, "boom", { actor: { identity: "reporter" } }));
      expect(await under.store.services.failures({ name: "gone" })).toMatchObject([
        { identity: "reporter", name: "gone", host: null, service: gone, task },
      ]);
    });
  });
});
