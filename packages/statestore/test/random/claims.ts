import fc from "fast-check";
import { expect } from "vitest";
import { nth } from "../given.ts";
import { claim, explainedByHubs, wrongWithClaim } from "../model/claims.ts";
import { claimable } from "../model/hubs.ts";
import { inScopes } from "../model/model.ts";
import { failsTooOften } from "../model/services.ts";
import { networkIndex, operation, type RandomOperation, scopeSet, someIndices } from "./world.ts";

const service = fc.nat({ max: 2 });
const count = fc.constantFrom(-1, 0, 1, 1, 1, 2, 3, 5, 30);
const protocols = fc.constantFrom(null, null, ["ProtocolA"], ["ProtocolB", "ProtocolC", "ProtocolX"], ["ProtocolX"]);

export const claimOperations: readonly RandomOperation[] = [
  operation({
    name: "claim from a hub",
    weight: 5,
    arguments: fc.record({ network: networkIndex, service, count, protocols }),
    async apply(world, { network: n, service: s, count: wanted, protocols: asked }) {
      const network = world.model.networks[n] ?? null;
      const hub = network?.hub ?? nth(world.model.networks, 0).hub.replace(/-[0-9a-f]+-/, `-${"e".repeat(32)}-`);
      const id = nth(world.serviceIds, s);
      const registered = world.model.service(id);
      const claiming = world.store.claims.claimFromHub(hub as never, { service: id, count: wanted, protocols: asked });
      if (registered === undefined) {
        await expect(claiming).rejects.toMatchObject({ name: "ServiceNotRegistered" });
        return;
      }
      const reply = await claiming;
      expect(reply).toHaveLength(Math.max(0, wanted));
      const claimed = world.known(reply);
      if (network === null) expect(claimed).toEqual([]);
      else expect(wrongWithClaim(world.model, network, claimed, Math.max(0, wanted), asked)).toBeNull();
      for (const task of claimed) claim(task, registered);
    },
  }),
  operation({
    name: "claim across hubs",
    weight: 4,
    arguments: fc.record({
      service,
      count,
      protocols,
      scopes: scopeSet,
      exclude: fc.constantFrom(3, 3, 1, 2, 4, 0),
      /** How many operations back a failure still counts. */
      window: fc.constantFrom(0, 1, 2, 3, 5, 1000),
      /** To the very instant of the last failure. */
      exact: fc.boolean(),
      maxFailures: fc.constantFrom(0, 1, 3, 1000),
      sentScopesExclude: fc.boolean(),
    }),
    async apply(world, given) {
      const { model } = world;
      const id = nth(world.serviceIds, given.service);
      const registered = model.service(id);
      const scopes = world.scopeSets(given.scopes);
      const exclude = world.scopeSets(given.exclude);
      const last = given.exact ? registered?.failures[0] : undefined;
      const forgiveBefore = last ?? world.now - given.window * 10_000_000;
      const claiming = world.store.claims.claim({ ...given, service: id, scopes, exclude, forgiveBefore });
      if (registered === undefined) {
        await expect(claiming).rejects.toMatchObject({ name: "ServiceNotRegistered" });
        return;
      }
      const { denied, tasks } = await claiming;
      registered.sentScopesExclude = given.sentScopesExclude;
      expect(denied).toBe(failsTooOften(registered, forgiveBefore, given.maxFailures));
      if (denied) return;
      expect(tasks).toHaveLength(Math.max(0, given.count));
      const claimed = world.known(tasks);
      const hubs = model.submitted.filter(
        (network) =>
          network.weight > 0 &&
          inScopes(scopes, network.scope) &&
          !inScopes(exclude, network.scope) &&
          claimable(model.tasks, network, given.protocols).length > 0,
      );
      expect(explainedByHubs(model, hubs, claimed, Math.max(0, given.count), given.protocols)).toBe(true);
      for (const task of claimed) claim(task, registered);
    },
  }),
  operation({
    name: "give claims back",
    weight: 1,
    arguments: fc.record({ service, tasks: someIndices }),
    async apply(world, { service: s, tasks }) {
      const id = nth(world.serviceIds, s);
      const picked = world.tasks(tasks);
      const released = await world.store.claims.release(
        id,
        picked.map(({ key }) => key),
        {},
      );
      const registered = world.model.service(id);
      const held = new Set(
        picked.flatMap(({ task }) =>
          task?.status === "running" && task.claim !== null && task.claim === registered ? [task] : [],
        ),
      );
      expect([...released].sort()).toEqual([...held].map(({ key }) => key).sort());
      for (const task of held) Object.assign(task, { status: "waiting", claim: null });
    },
  }),
];
