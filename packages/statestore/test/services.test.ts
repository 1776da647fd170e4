import type { ComputeServiceId } from "@alchemiscale/contract";
import { expect, it } from "vitest";
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
    expect((await under.store.services.list()).find((row) => row.service === service)).toMatchObject({ claims: 2 });
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
});
