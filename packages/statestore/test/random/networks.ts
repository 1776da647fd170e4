import fc from "fast-check";
import { expect } from "vitest";
import { nth, user } from "../given.ts";
import { inScopes } from "../model/model.ts";
import { countByStatus } from "../model/tasks.ts";
import { inKeyOrder, networkIndex, networkState, operation, type RandomOperation, scopeSet, sorted, weight } from "./world.ts";

const positions = fc.array(fc.record({ network: networkIndex, state: networkState, weight }), { maxLength: 4 });
/** Patterns for names and states, and what they match as a whole. */
const patterns: readonly (readonly [pattern: string, matches: RegExp])[] = [
  [".*", /^.*$/],
  ["first", /^first$/],
  ["(?i)FIRST|third", /^(first|third)$/],
  ["[a-s].*", /^[a-s].*$/],
  ["active", /^active$/],
  ["active|inactive", /^(active|inactive)$/],
  ["inact", /^inact$/],
];
const pattern = fc.option(fc.nat({ max: patterns.length - 1 }));

export const networkOperations: readonly RandomOperation[] = [
  operation({
    name: "submit a network",
    weight: 3,
    arguments: fc.record({ network: fc.nat({ max: 4 }), state: networkState }),
    async apply(world, { network: i, state }) {
      const network = nth(world.model.networks, i);
      const reply = await world.store.networks.submit({ ...nth(world.submissions, i), state }, user);
      expect(reply).toMatchObject({ network: network.key, created: network.state === null, differing: [] });
      // Once more: weight, Tasks and all else stay, the state is the one sent.
      if (network.state !== null) expect(reply.hub).toBe(network.hub);
      Object.assign(network, { hub: reply.hub, state });
    },
  }),
  operation({
    name: "set states and weights of networks",
    weight: 2,
    arguments: positions,
    async apply(world, given) {
      const { store } = world;
      const found = given.map(({ network }) => world.network(network));
      const keys = found.map(({ key }) => key);
      const aligned = found.map(({ key, network }) => (network === null ? null : key));
      const states = given.map(({ state }) => state);
      expect(await store.networks.setStates(keys, states, user)).toEqual(aligned);
      const weights = given.map((position) => position.weight);
      expect(await store.networks.setWeights(keys, weights, user)).toEqual(aligned);
      for (const [n, { network }] of found.entries()) {
        if (network !== null) Object.assign(network, { state: nth(states, n), weight: nth(weights, n) });
      }
      expect(await store.networks.getStates(keys)).toEqual(found.map(({ network }) => network?.state ?? null));
      expect(await store.networks.getWeights(keys)).toEqual(found.map(({ network }) => network?.weight ?? null));
    },
  }),
  operation({
    name: "ask for networks",
    weight: 1,
    arguments: fc.record({ scopes: scopeSet, name: pattern, state: pattern }),
    async apply(world, { scopes: set, name, state }) {
      const scopes = world.scopeSets(set);
      const filter = {
        ...(name === null ? {} : { name: nth(patterns, name)[0] }),
        ...(state === null ? {} : { state: nth(patterns, state)[0] }),
      };
      const expected = world.model.submitted.filter(
        (network) =>
          inScopes(scopes, network.scope) &&
          (name === null || (network.name !== null && nth(patterns, name)[1].test(network.name))) &&
          (state === null || nth(patterns, state)[1].test(network.state ?? "")),
      );
      expect(sorted(await world.store.networks.query({ scopes, ...filter }))).toEqual(sorted(expected.map(({ key }) => key)));
      const hubs = expected.map(({ key, hub, weight: of, scope }) => ({ key: hub, scope, hub, network: key, weight: of }));
      if (name === null && state === null) {
        expect((await world.store.hubs.query({ scopes })).map(({ hub }) => hub)).toEqual(inKeyOrder(hubs));
      }
      expect(
        await world.store.networks.scopeStatus({ scopes, ...(filter.state === undefined ? {} : { networkState: filter.state }) }),
      ).toEqual(
        countByStatus(
          world.model.tasks.filter(
            ({ transformation }) =>
              inScopes(scopes, transformation.scope) &&
              world.model.submitted.some(
                (network) =>
                  network.transformations.includes(transformation) &&
                  (state === null || nth(patterns, state)[1].test(network.state ?? "")),
              ),
          ),
        ),
      );
    },
  }),
  operation({
    name: "ask how things belong together",
    weight: 1,
    arguments: fc.record({ network: networkIndex, transformation: fc.nat({ max: 20 }), scopes: scopeSet, named: fc.boolean() }),
    async apply(world, { network: i, transformation: t, scopes: set, named }) {
      const { networks } = world.store;
      const { key, network } = world.network(i);
      expect(sorted(await networks.transformationsOf(key))).toEqual(sorted(network?.transformations.map((of) => of.key) ?? []));
      expect(sorted(await networks.chemicalSystemsOf(key))).toEqual(sorted(network?.systems.map((of) => of.key) ?? []));

      const { submitted, transformations } = world.model;
      const wanted = world.transformation(t);
      const there = transformations.includes(wanted);
      const holding = submitted.filter((of) => of.transformations.includes(wanted));
      expect(sorted(await networks.networksOfTransformation(wanted.key))).toEqual(sorted(holding.map((of) => of.key)));
      expect(await networks.chemicalSystemsOfTransformation(wanted.key)).toEqual(there ? wanted.systems : []);
      expect(await networks.transformationStatus(wanted.key)).toEqual(
        countByStatus(world.model.tasks.filter(({ transformation }) => transformation === wanted)),
      );

      const system = nth(wanted.systems, 0);
      const around = submitted.filter((of) => of.systems.some((one) => one.key === system));
      expect(sorted(await networks.networksOfChemicalSystem(system))).toEqual(sorted(around.map((of) => of.key)));
      const beside = transformations.filter((of) => of.systems.includes(system));
      expect(sorted(await networks.transformationsOfChemicalSystem(system))).toEqual(sorted(beside.map((of) => of.key)));

      const scopes = world.scopeSets(set);
      const name = named ? { name: wanted.name } : {};
      expect(await networks.queryTransformations({ scopes, ...name })).toEqual(
        inKeyOrder(transformations.filter((of) => inScopes(scopes, of.scope) && (!named || of.name === wanted.name))),
      );
      const systems = new Map(
        submitted.flatMap((of) => of.systems.map((one) => [one.key, { ...one, scope: of.scope }] as const)),
      );
      expect(await networks.queryChemicalSystems({ scopes, ...(named ? { name: "center" } : {}) })).toEqual(
        inKeyOrder([...systems.values()].filter((of) => inScopes(scopes, of.scope) && (!named || of.name === "center"))),
      );
    },
  }),
];
