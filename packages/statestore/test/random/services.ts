import fc from "fast-check";
import { expect } from "vitest";
import type { ManagerReport } from "../../src/index.ts";
import { nth, user } from "../given.ts";
import { claimable } from "../model/hubs.ts";
import { inScopes } from "../model/model.ts";
import { failsTooOften, registerManager, releaseService, removeManager } from "../model/services.ts";
import { operation, type RandomOperation, scopeSet, type World } from "./world.ts";

const service = fc.nat({ max: 2 });
const manager = fc.nat({ max: 2 });
const age = fc.constantFrom(0, 5, 20, 1000);

function nameOf(world: World, m: number): string {
  return nth(world.managerIds, m).split("-")[0] ?? "";
}

export const serviceOperations: readonly RandomOperation[] = [
  operation({
    name: "register a service",
    weight: 4,
    arguments: fc.record({ service, manager: fc.option(manager, { freq: 2 }), sentManagerKey: fc.boolean() }),
    async apply(world, { service: s, manager: m, sentManagerKey }) {
      const { model, now } = world;
      const id = nth(world.serviceIds, s);
      const managerName = m === null ? null : nameOf(world, m);
      const registering = world.store.services.register(id, { managerName, sentManagerKey, identity: "compute" });
      const of = model.managers.find(({ name }) => name === managerName) ?? null;
      if (managerName !== null && of === null) {
        await expect(registering).rejects.toMatchObject({ name: "ManagerNotFound" });
        return;
      }
      await registering;
      const fields = { registered: now, heartbeat: now, managerName, manager: of, sentManagerKey };
      const known = model.service(id);
      if (known === undefined) model.services.push({ id, ...fields, sentScopesExclude: null, failures: [] });
      else Object.assign(known, fields);
    },
  }),
  operation({
    name: "deregister a service",
    weight: 1,
    arguments: service,
    async apply(world, s) {
      const id = nth(world.serviceIds, s);
      await world.store.services.deregister(id, user);
      const registered = world.model.service(id);
      if (registered !== undefined) releaseService(world.model, registered);
    },
  }),
  operation({
    name: "beat",
    weight: 2,
    arguments: service,
    async apply(world, s) {
      const registered = world.model.service(nth(world.serviceIds, s));
      expect(await world.store.services.heartbeat(nth(world.serviceIds, s))).toBe(registered !== undefined);
      if (registered !== undefined) registered.heartbeat = world.now;
    },
  }),
  operation({
    name: "expire services",
    weight: 1,
    arguments: age,
    async apply(world, operations) {
      const before = world.now - operations * 10_000_000;
      const stale = world.model.services.filter(({ heartbeat }) => heartbeat < before);
      // Other runs leave services behind.
      const expired = (await world.store.services.expire(before)).filter((id) => world.serviceIds.includes(id));
      expect([...expired].sort()).toEqual(stale.map(({ id }) => id).sort());
      for (const registered of stale) releaseService(world.model, registered);
    },
  }),
];

const report = fc.oneof(
  fc.record({ status: fc.constant("OK" as const), saturation: fc.constantFrom(0, 0.5, 1) }),
  fc.record({ status: fc.constant("ERROR" as const), detail: fc.constantFrom("broken", "é²") }),
) as fc.Arbitrary<ManagerReport>;

export const managerOperations: readonly RandomOperation[] = [
  operation({
    name: "register a manager",
    weight: 2,
    arguments: fc.record({ manager, steal: fc.boolean() }),
    async apply(world, { manager: m, steal }) {
      const id = nth(world.managerIds, m);
      const registering = world.store.managers.register(id, { steal, identity: null });
      const made = {
        id,
        name: nameOf(world, m),
        status: "OK" as const,
        detail: "",
        saturation: 0,
        registered: world.now,
        updated: world.now,
      };
      const holder = world.model.managers.find(({ name }) => name === made.name);
      if (registerManager(world.model, made, steal) === null) {
        await expect(registering).rejects.toMatchObject({
          name: "ManagerNameTaken",
          data: { name: made.name, status: holder?.status },
        });
      } else await registering;
    },
  }),
  operation({
    name: "deregister a manager, or clear its error",
    weight: 2,
    arguments: fc.record({ manager, clear: fc.boolean() }),
    async apply(world, { manager: m, clear }) {
      const id = nth(world.managerIds, m);
      const holder = world.model.managers.find((one) => (clear ? one.name === nameOf(world, m) : one.id === id));
      const goes = holder !== undefined && (holder.status === "ERROR") === clear;
      if (clear) expect(await world.store.managers.clearError(nameOf(world, m), user)).toBe(goes);
      else await world.store.managers.deregister(id, user);
      if (goes) removeManager(world.model, holder);
    },
  }),
  operation({
    name: "report as a manager",
    weight: 2,
    arguments: fc.record({ manager, report, at: fc.option(age) }),
    async apply(world, { manager: m, report: says, at }) {
      const id = nth(world.managerIds, m);
      const registered = world.model.managers.find((one) => one.id === id);
      const when = at === null ? undefined : world.now - at * 10_000_000;
      expect(await world.store.managers.report(id, says, when)).toBe(registered !== undefined);
      // What the report lacks becomes null.
      if (registered !== undefined) {
        Object.assign(registered, { detail: null, saturation: null, ...says, updated: when ?? world.now });
      }
    },
  }),
  operation({
    name: "expire managers",
    weight: 1,
    arguments: fc.record({ ok: age, error: age }),
    async apply(world, { ok, error }) {
      const [okBefore, errorBefore] = [world.now - ok * 10_000_000, world.now - error * 10_000_000];
      const stale = world.model.managers.filter(({ status, updated }) => updated < (status === "OK" ? okBefore : errorBefore));
      const expired = (await world.store.managers.expire(okBefore, errorBefore)).filter((id) => world.managerIds.includes(id));
      expect([...expired].sort()).toEqual(stale.map(({ id }) => id).sort());
      for (const one of stale) removeManager(world.model, one);
    },
  }),
  operation({
    name: "ask what a manager is to do",
    weight: 2,
    arguments: fc.record({
      manager,
      scopes: scopeSet,
      protocols: fc.constantFrom(null, ["ProtocolA"], ["ProtocolB", "ProtocolX"]),
      window: age,
      maxFailures: fc.constantFrom(0, 1, 1000),
    }),
    async apply(world, { manager: m, scopes: set, protocols, window, maxFailures }) {
      const id = nth(world.managerIds, m);
      const { model } = world;
      const scopes = world.scopeSets(set);
      const forgiveBefore = world.now - window * 10_000_000;
      const instruction = await world.store.managers.instruction(id, { scopes, protocols, forgiveBefore, maxFailures });
      const registered = model.managers.find((one) => one.id === id);
      if (registered === undefined) {
        expect(instruction).toEqual({ kind: "shutdown" });
        return;
      }
      const services = model.services.filter((one) => one.manager === registered);
      // Only counted here; what is forgotten at a claim counts for nobody any more either way.
      const over = services.some((one) => failsTooOften({ ...one }, forgiveBefore, maxFailures));
      expect(instruction.kind).toBe(over ? "skip" : "ok");
      const ids = instruction.kind === "shutdown" ? [] : instruction.services;
      expect([...ids].sort()).toEqual(services.map((one) => one.id).sort());
      const hubs = model.submitted.filter((network) => network.weight > 0 && inScopes(scopes, network.scope));
      const tasks = new Set(hubs.flatMap((network) => claimable(model.tasks, network, protocols)));
      if (instruction.kind === "ok") expect(instruction.tasks).toBe(tasks.size);
    },
  }),
];
