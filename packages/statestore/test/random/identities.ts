import type { IdentityType, Scope } from "@alchemiscale/contract";
import fc from "fast-check";
import { expect } from "vitest";
import { user } from "../given.ts";
import type { ModelIdentity } from "../model/model.ts";
import { operation, type RandomOperation, type World } from "./world.ts";

const who = fc.record({ type: fc.constantFrom<IdentityType>("user", "compute"), n: fc.nat({ max: 1 }) });
type Who = typeof who extends fc.Arbitrary<infer T> ? T : never;
const scopes = fc.array(fc.constantFrom("*-*-*", "a-*-*", "a-b-*", "a-b-c"), { maxLength: 3 }) as fc.Arbitrary<Scope[]>;
const key = fc.constantFrom("hash 1", "hash 2");

function find(world: World, { type, n }: Who): { readonly identifier: string; readonly identity: ModelIdentity | undefined } {
  // No number: identifiers may hold what would be SQL.
  const identifier = `${world.prefix} o'${n}"`;
  const identity = world.model.identities.find((one) => one.type === type && one.identifier === identifier);
  return { identifier, identity };
}

function added(identity: ModelIdentity, more: readonly Scope[]): void {
  identity.scopes = [...new Set([...identity.scopes, ...more])];
}

export const identityOperations: readonly RandomOperation[] = [
  operation({
    name: "create or replace an identity",
    weight: 1,
    arguments: fc.record({ who, key }),
    async apply(world, { who: of, key: hashedKey }) {
      const { identifier, identity } = find(world, of);
      await world.store.identities.put(of.type, identifier, hashedKey);
      const fresh = { hashedKey, disabled: false, scopes: [] };
      // What was set besides stays.
      if (identity === undefined) world.model.identities.push({ type: of.type, identifier, expires: null, ...fresh });
      else Object.assign(identity, fresh);
    },
  }),
  operation({
    name: "add an identity",
    weight: 1,
    arguments: fc.record({ who, key, scopes, expires: fc.option(fc.constantFrom(1, 2_000_000_000_000_000)) }),
    async apply(world, { who: of, key: hashedKey, scopes: given, expires }) {
      const { identifier, identity } = find(world, of);
      const made = { hashedKey, scopes: [...new Set(given)], expires };
      expect(await world.store.identities.add(of.type, identifier, made, user)).toBe(identity === undefined);
      if (identity === undefined) world.model.identities.push({ type: of.type, identifier, disabled: false, ...made });
    },
  }),
  operation({
    name: "change an identity",
    weight: 2,
    arguments: fc.record({
      who,
      what: fc.constantFrom("addScopes", "removeScopes", "setKey", "setDisabled", "setExpires", "remove"),
      scopes,
      key,
      disabled: fc.boolean(),
      expires: fc.option(fc.constantFrom(1, 2_000_000_000_000_000)),
    }),
    async apply(world, { who: of, what, scopes: given, key: hashedKey, disabled, expires }) {
      const { identities } = world.store;
      const { identifier, identity } = find(world, of);
      const { type } = of;
      const there = identity !== undefined;
      switch (what) {
        case "addScopes":
          expect(await identities.addScopes(type, identifier, given, user)).toBe(there);
          if (there) added(identity, given);
          return;
        case "removeScopes":
          expect(await identities.removeScopes(type, identifier, given, user)).toBe(there);
          if (there) identity.scopes = identity.scopes.filter((scope) => !given.includes(scope));
          return;
        case "setKey":
          expect(await identities.setKey(type, identifier, hashedKey, user)).toBe(there);
          if (there) identity.hashedKey = hashedKey;
          return;
        case "setDisabled":
          expect(await identities.setDisabled(type, identifier, disabled, user)).toBe(there);
          if (there) identity.disabled = disabled;
          return;
        case "setExpires":
          expect(await identities.setExpires(type, identifier, expires, user)).toBe(there);
          if (there) identity.expires = expires;
          return;
        case "remove":
          expect(await identities.remove(type, identifier, user)).toBe(there);
          world.model.identities = world.model.identities.filter((one) => one !== identity);
      }
    },
  }),
];

/** Both types, known or not. */
export async function compareIdentities(world: World): Promise<void> {
  for (const type of ["user", "compute"] as const) {
    const own = (await world.store.identities.list(type)).filter((identifier) => identifier.startsWith(`${world.prefix} `));
    const expected = world.model.identities.filter((identity) => identity.type === type);
    expect(own.sort()).toEqual(expected.map(({ identifier }) => identifier).sort());
    for (const n of [0, 1]) {
      const { identifier, identity } = find(world, { type, n });
      const told = await world.store.identities.get(type, identifier);
      if (identity === undefined) expect(told).toBeNull();
      else {
        const { type: _, ...fields } = identity;
        expect(told).toEqual(fields);
      }
      expect(await world.store.identities.listScopes(type, identifier)).toEqual(identity?.scopes ?? []);
    }
  }
}
