import fc from "fast-check";
import { expect, test } from "vitest";
import { type ClaimRules, claimsWanted, type HouseState, tasksAhead } from "./claims-wanted.ts";

const rules: ClaimRules = { ahead: 1, mostTasks: null, mostAtOnce: 100, mostUnsent: 8, latencyMs: 10, taskEveryMs: null };
const empty: HouseState = { freePlaces: 0, readyUnits: 0, onTheWay: 0, tasks: 0, unsent: 0, allowed: null };

test("free places are filled, and one more stands ready", () => {
  expect(claimsWanted({ ...empty, freePlaces: 4 }, rules)).toBe(5);
  expect(claimsWanted({ ...empty, freePlaces: 4, onTheWay: 5 }, rules)).toBe(0);
  expect(claimsWanted({ ...empty, readyUnits: 1 }, rules)).toBe(0);
  expect(claimsWanted({ ...empty, readyUnits: 0 }, rules)).toBe(1);
  expect(claimsWanted({ ...empty, freePlaces: 4 }, { ...rules, ahead: 0 })).toBe(4);
});

test("nothing is claimed while results pile up", () => {
  expect(claimsWanted({ ...empty, freePlaces: 4, unsent: 8 }, rules)).toBe(0);
});

test("no limit is ever exceeded, and never less than nothing is asked for", () => {
  const small = fc.integer({ min: 0, max: 30 });
  const house = fc.record({ freePlaces: small, readyUnits: small, onTheWay: small, tasks: small, unsent: small, allowed: small });
  fc.assert(
    fc.property(house, small, fc.integer({ min: 1, max: 20 }), (state, mostTasks, mostAtOnce) => {
      const wanted = claimsWanted(state, { ...rules, mostTasks, mostAtOnce });
      expect(wanted).toBeGreaterThanOrEqual(0);
      expect(wanted).toBeLessThanOrEqual(mostAtOnce);
      expect(wanted).toBeLessThanOrEqual(state.allowed);
      if (wanted > 0) expect(state.tasks + wanted).toBeLessThanOrEqual(mostTasks);
    }),
  );
});

test("short Tasks need more ahead than long ones", () => {
  expect(tasksAhead(50, null)).toBe(1);
  expect(tasksAhead(50, 3_600_000)).toBe(1);
  expect(tasksAhead(50, 20)).toBe(3);
  expect(tasksAhead(60_000, 1)).toBe(16);
});
