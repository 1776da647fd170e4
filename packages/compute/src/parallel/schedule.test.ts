import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Demand, demandOn, type Host, type HostState, nextStarts, patienceMs, type ReadyUnit } from "./schedule.ts";

const demand = fc.record({ cores: fc.integer({ min: 1, max: 12 }), memory: fc.integer({ min: 0, max: 40 }), gpu: fc.boolean() });
const host = fc.record({
  cores: fc.integer({ min: 1, max: 8 }),
  memory: fc.integer({ min: 1, max: 32 }),
  gpus: fc
    .array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })
    .map((units) => units.map((count, i) => ({ id: String(i), units: count }))),
});
const ready = fc
  .array(fc.record({ order: fc.integer({ min: 0, max: 5 }), demand, waited: fc.constantFrom(0, patienceMs) }), { maxLength: 20 })
  .map((units) =>
    units.map(({ order, demand: wanted, waited }, i) => ({
      id: `u${i}`,
      order,
      position: i,
      demand: wanted,
      readySince: -waited,
    })),
  );

/** Starts what is told, ends something, and again, until nothing is left. */
function play(on: Host, units: readonly ReadyUnit[], check: (state: HostState) => void): string[] {
  const started: string[] = [];
  let running: { id: string; demand: Demand; gpu: string | null }[] = [];
  let waiting = [...units];
  for (let step = 0; waiting.length > 0 || running.length > 0; step += 1) {
    if (step > 3 * units.length + 3) throw new Error("no end");
    const state = { now: 0, host: on, running, ready: waiting };
    const starts = nextStarts(state);
    for (const { id, gpu } of starts) {
      const unit = waiting.find((each) => each.id === id);
      if (unit === undefined) throw new Error(`${id} is not ready`);
      running.push({ id, demand: unit.demand, gpu });
      started.push(id);
    }
    waiting = waiting.filter(({ id }) => !starts.some((start) => start.id === id));
    check({ now: 0, host: on, running, ready: waiting });
    running = running.slice(1);
  }
  return started;
}

describe("the schedule", () => {
  test("never uses more than there is, and runs everything once", () => {
    fc.assert(
      fc.property(host, ready, (on, units) => {
        const started = play(on, units, ({ running }) => {
          const used = running.map((unit) => demandOn(on, unit.demand));
          expect(used.reduce((cores, unit) => cores + unit.cores, 0)).toBeLessThanOrEqual(on.cores);
          expect(used.reduce((memory, unit) => memory + unit.memory, 0)).toBeLessThanOrEqual(on.memory);
          for (const { id, units: places } of on.gpus) {
            expect(running.filter(({ gpu }) => gpu === id).length).toBeLessThanOrEqual(places);
          }
          for (const { demand: wanted, gpu } of running) expect(gpu !== null).toBe(wanted.gpu && on.gpus.length > 0);
        });
        expect([...started].sort()).toEqual(units.map(({ id }) => id).sort());
      }),
    );
  });

  test("leaves nothing idle: what waits does not fit, unless something is kept for one that waited long", () => {
    fc.assert(
      fc.property(host, ready, (on, units) => {
        const patient = units.map((unit) => ({ ...unit, readySince: 0 }));
        play(on, patient, ({ running, ready: waiting }) => {
          expect(nextStarts({ now: 0, host: on, running, ready: waiting })).toEqual([]);
          for (const unit of waiting) expect(nextStarts({ now: 0, host: on, running, ready: [unit] })).toEqual([]);
        });
      }),
    );
  });

  test("one that has waited long is the next to start of all that want what it wants", () => {
    const on = { cores: 4, memory: 10, gpus: [] };
    const small = (id: string, order: number): ReadyUnit => {
      return { id, order, position: 0, demand: { cores: 1, memory: 1, gpu: false }, readySince: 0 };
    };
    const big: ReadyUnit = { id: "big", order: 0, position: 0, demand: { cores: 4, memory: 1, gpu: false }, readySince: 0 };
    const running = [{ demand: { cores: 1, memory: 1, gpu: false }, gpu: null }];
    expect(nextStarts({ now: 1, host: on, running, ready: [small("a", 1), big] }).map(({ id }) => id)).toEqual(["a"]);
    expect(nextStarts({ now: patienceMs, host: on, running, ready: [small("a", 1), big] })).toEqual([]);
    expect(nextStarts({ now: patienceMs, host: on, running: [], ready: [small("a", 1), big] }).map(({ id }) => id)).toEqual([
      "big",
    ]);
  });

  test("older Tasks go first, and GPUs fill evenly", () => {
    const on = { cores: 8, memory: 100, gpus: [0, 1].map((id) => ({ id: String(id), units: 2 })) };
    const wants = { cores: 1, memory: 1, gpu: true };
    const units = [3, 1, 2, 0, 4].map((order) => ({ id: `t${order}`, order, position: 0, demand: wants, readySince: 0 }));
    expect(nextStarts({ now: 0, host: on, running: [], ready: units })).toEqual([
      { id: "t0", gpu: "0" },
      { id: "t1", gpu: "1" },
      { id: "t2", gpu: "0" },
      { id: "t3", gpu: "1" },
    ]);
  });
});
