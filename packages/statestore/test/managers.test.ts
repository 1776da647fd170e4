import type { ComputeManagerId, ComputeServiceId, Scope } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { claimAll, create, failure, nth, report, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

const second = 1_000_000;

onEveryEngine("managers", (under) => {
  let count = 0;
  const managerId = (name: string) => {
    count += 1;
    return `${name}-${count.toString(16).padStart(32, "0")}` as ComputeManagerId;
  };
  const freshName = () => {
    count += 1;
    return `manager.${count}`;
  };
  const register = (manager: ComputeManagerId, steal = false) =>
    under.store.managers.register(manager, { steal, identity: "compute" });
  const nameOf = (manager: ComputeManagerId) => manager.slice(0, manager.indexOf("-"));
  const serviceOf = async (managerName: string) => {
    count += 1;
    const service = `managed-${count.toString(16).padStart(32, "0")}` as ComputeServiceId;
    await under.store.services.register(service, { managerName, sentManagerKey: true, identity: "compute" });
    return service;
  };
  const instruction = (manager: ComputeManagerId, scopes: readonly Scope[] = [], protocols: readonly string[] | null = null) =>
    under.store.managers.instruction(manager, {
      scopes,
      protocols,
      forgiveBefore: Date.now() * 1000 - 600 * second,
      maxFailures: 2,
    });

  it("register in OK with nothing to say, and are told to go on", async () => {
    const manager = managerId(freshName());
    expect(await instruction(manager)).toEqual({ kind: "shutdown" });
    await register(manager);
    expect(await under.store.managers.get(manager)).toMatchObject({
      manager,
      status: "OK",
      detail: "",
      saturation: 0,
      services: [],
    });
    expect(await instruction(manager)).toEqual({ kind: "ok", services: [], tasks: 0 });
    expect((await under.store.managers.list()).map((row) => row.manager)).toContain(manager);
  });

  it("are alone under a name; one in OK can be replaced, one in ERROR cannot", async () => {
    const name = freshName();
    const [first, next] = [managerId(name), managerId(name)];
    await register(first);
    const service = await serviceOf(name);
    for (const manager of [first, next]) {
      await expect(register(manager)).rejects.toMatchObject({ name: "ManagerNameTaken", data: { name, status: "OK" } });
    }
    await register(next, true);
    expect(await instruction(first)).toEqual({ kind: "shutdown" });
    expect(await instruction(next)).toMatchObject({ kind: "ok", services: [service] });
    await under.store.managers.report(next, { status: "ERROR", detail: "the queue is closed" });
    await expect(register(first, true)).rejects.toMatchObject({ name: "ManagerNameTaken", data: { name, status: "ERROR" } });
    expect(await instruction(next)).toMatchObject({ kind: "ok", services: [service] });
    const free = managerId(freshName());
    await register(free, true);
    expect(await under.store.managers.get(free)).not.toBeNull();
  });

  it("that register at the same time under one name: one of them gets it", async () => {
    const name = freshName();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => register(managerId(name))));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const thieves = await Promise.allSettled(Array.from({ length: 8 }, () => register(managerId(name), true)));
    expect(thieves.some(({ status }) => status === "fulfilled")).toBe(true);
    expect((await under.store.managers.list()).filter(({ manager }) => nameOf(manager) === name)).toHaveLength(1);
  });

  it("leave their services behind when they go, and find them again under the same name", async () => {
    const name = freshName();
    const [first, next] = [managerId(name), managerId(name)];
    await register(first);
    const service = await serviceOf(name);
    await under.store.managers.deregister(first, user);
    await under.store.managers.deregister(first, user);
    expect(await instruction(first)).toEqual({ kind: "shutdown" });
    expect(await under.store.services.get(service)).not.toBeNull();
    await expect(serviceOf(name)).rejects.toMatchObject({ name: "ManagerNotFound" });
    await register(next);
    expect((await under.store.managers.get(next))?.services).toEqual([service]);
    await under.store.services.deregister(service, {});
    expect((await under.store.managers.get(next))?.services).toEqual([]);
  });

  it("in ERROR stay until the error is cleared", async () => {
    const name = freshName();
    const manager = managerId(name);
    await register(manager);
    expect(await under.store.managers.clearError(name, user)).toBe(false);
    expect(await under.store.managers.report(manager, { status: "ERROR", detail: "no quota" })).toBe(true);
    expect(await under.store.managers.get(manager)).toMatchObject({ status: "ERROR", detail: "no quota", saturation: null });
    await under.store.managers.deregister(manager, user);
    expect(await under.store.managers.get(manager)).not.toBeNull();
    expect(await under.store.managers.clearError(name, user)).toBe(true);
    expect(await under.store.managers.clearError(name, user)).toBe(false);
    expect(await under.store.managers.get(manager)).toBeNull();
  });

  it("report what overwrites the last report; one of another UUID is unknown", async () => {
    const name = freshName();
    const manager = managerId(name);
    await register(manager);
    await under.store.managers.report(manager, { status: "ERROR", detail: "no quota" });
    await under.store.managers.report(manager, { status: "OK", saturation: 0.25 });
    expect(await under.store.managers.get(manager)).toMatchObject({ status: "OK", detail: null, saturation: 0.25 });
    expect(await under.store.managers.report(managerId(name), { status: "OK", saturation: 1 })).toBe(false);
    await under.store.managers.report(manager, { status: "OK", saturation: 1 }, 5 * second);
    expect(await under.store.managers.get(manager)).toMatchObject({ saturation: 1, updated: 5 * second });
  });

  it("expire by their last report, those in ERROR later; their services stay", async () => {
    const now = Date.now() * 1000;
    const managers = [1, 2, 3, 4].map(() => managerId(freshName()));
    for (const manager of managers) await register(manager);
    const [oldOk, newOk, oldError, newError] = [nth(managers, 0), nth(managers, 1), nth(managers, 2), nth(managers, 3)];
    const service = await serviceOf(nameOf(oldOk));
    const { report } = under.store.managers;
    await report(oldOk, { status: "OK", saturation: 0 }, now - 100 * second);
    await report(newOk, { status: "OK", saturation: 0 }, now - 10 * second);
    await report(oldError, { status: "ERROR", detail: "x" }, now - 1000 * second);
    await report(newError, { status: "ERROR", detail: "x" }, now - 100 * second);
    const expired = await under.store.managers.expire(now - 50 * second, now - 500 * second);
    expect(expired).toEqual(expect.arrayContaining([oldOk, oldError]));
    expect(expired).not.toEqual(expect.arrayContaining([newOk]));
    expect(expired).not.toEqual(expect.arrayContaining([newError]));
    expect(await under.store.managers.expire(now - 50 * second, now - 500 * second)).toEqual([]);
    expect(await under.store.managers.get(newError)).not.toBeNull();
    expect(await under.store.services.get(service)).not.toBeNull();
  });

  it("are told to wait while a service of theirs fails too often", async () => {
    const name = freshName();
    const manager = managerId(name);
    await register(manager);
    const service = await serviceOf(name);
    const { hub, network, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(transformations, 0), 3);
    await under.store.hubs.action(network, tasks, null, user);
    for (const task of await claimAll(under.store, hub, service, 2)) {
      await under.store.results.report(failure(task, service, "boom"));
    }
    expect(await instruction(manager)).toMatchObject({ kind: "ok" });
    for (const task of await claimAll(under.store, hub, service, 1)) {
      await under.store.results.report(failure(task, service, "boom"));
    }
    expect(await instruction(manager)).toEqual({ kind: "skip", services: [service] });
    const forgiving = { scopes: [], protocols: null, forgiveBefore: Date.now() * 1000 + second, maxFailures: 0 };
    expect(await under.store.managers.instruction(manager, forgiving)).toMatchObject({ kind: "ok" });
  });

  it("learn how many Tasks can be claimed now, each once", async () => {
    const manager = managerId(freshName());
    await register(manager);
    const { scope, hub, network, transformations } = await under.network({ transformations: 2 });
    const parents = await create(under.store, nth(transformations, 0), 4);
    const children = await create(under.store, nth(transformations, 0), 2, nth(parents, 0));
    const tasks = async (scopes: readonly Scope[] = [scope], protocols: readonly string[] | null = null) => {
      const told = await instruction(manager, scopes, protocols);
      return told.kind === "ok" ? told.tasks : told.kind;
    };
    expect(await tasks()).toBe(0);
    await under.store.hubs.action(network, [...parents, ...children], null, user);
    expect(await tasks()).toBe(4);
    const wide = scope.replace(/-c-p$/, "-*-*") as Scope;
    expect(await tasks([wide, scope])).toBe(4);
    expect(await tasks([])).toBe(0);
    expect(await tasks([scope], ["NoSuchProtocol"])).toBe(0);
    const other = await under.network({ scope, transformations: 2, networkName: "another" });
    await under.store.hubs.action(other.network, parents, null, user);
    expect(await tasks()).toBe(4);
    await under.store.hubs.action(network, [nth(parents, 3)], 0, user);
    expect(await tasks()).toBe(4);
    await under.store.hubs.action(other.network, [nth(parents, 3)], 0, user);
    expect(await tasks()).toBe(3);
    await under.store.tasks.setStatuses([nth(parents, 0)], "running", user);
    expect(await tasks()).toBe(2);
    await under.store.results.report(report(nth(parents, 0), "None"));
    expect(await tasks()).toBe(4);
    const service = await under.service();
    await claimAll(under.store, hub, service, 1);
    expect(await tasks()).toBe(3);
    await under.store.networks.setWeights([network, other.network], [0, 0], user);
    expect(await tasks()).toBe(0);
  });
});
