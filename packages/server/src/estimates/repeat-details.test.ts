import type { ResultReading } from "@alchemiscale/analysis";
import { expect, it } from "vitest";
import { repeatDetails } from "./repeat-details.ts";

const reading: ResultReading = {
  status: "read",
  version: 2,
  resultKey: "ProtocolDAGResult-a",
  protocol: "HarmonicSwitchingProtocol",
  ok: true,
  temperature: 300,
  repeats: [],
  work: [],
  units: [],
  flags: [],
};
const data = { fractions: [0.5, 1], forward: [1, 2], forwardError: [0.1, 0.2], reverse: [null, 2], reverseError: [null, 0.2] };
const convergence = {
  fractions: [0.5, 1],
  forward: [1, 2],
  forward_error: [0.1, 0.2],
  reverse: [null, 2],
  reverse_error: [null, 0.2],
};
const told = (...readings: object[]) => repeatDetails(readings.map((each) => JSON.stringify({ reading: each })));

it("repeats of switching have the convergence of their work; what older versions have read lacks it", () => {
  const work = { seed: "42", forward: [1], reverse: [1] };
  const repeat = { result: "ProtocolDAGResult-a", leg: null, repeat: "42", generation: 0 };
  expect(told({ ...reading, work: [{ ...work, alone: { bar: null, convergence: data } }] })).toMatchObject([
    { ...repeat, neighbour_overlap: null, convergence },
  ]);
  expect(told({ ...reading, work: [work] })).toMatchObject([{ ...repeat, convergence: null }]);
  expect(told({ ...reading, work: [{ ...work, seed: null }] })).toMatchObject([{ repeat: "ProtocolDAGResult-a" }]);
});

it("repeats of simulations have overlap and exchange of their states", () => {
  const repeat = {
    leg: "solvent",
    repeatId: "7",
    generation: 1,
    estimate: 1,
    error: 0.1,
    corrections: {},
    convergence: data,
    overlap: 0.2,
    neighbourOverlap: 0.1,
    productionIterations: 1000,
    equilibrationIterations: 200,
  };
  const expected = {
    result: "ProtocolDAGResult-a",
    leg: "solvent",
    repeat: "7",
    generation: 1,
    neighbour_overlap: 0.1,
    neighbour_exchange: null,
    production_iterations: 1000,
    equilibration_iterations: 200,
    convergence,
  };
  expect(told({ ...reading, repeats: [repeat] })).toEqual([expected]);
  expect(told({ ...reading, repeats: [{ ...repeat, neighbourExchange: 0.3 }] })).toEqual([
    { ...expected, neighbour_exchange: 0.3 },
  ]);
});

it("a result counts once, and only if it is ok and was read", () => {
  const work = [{ seed: "42", forward: [1], reverse: [1] }];
  const unreadable = {
    status: "unreadable",
    version: 0,
    resultKey: null,
    protocol: "",
    reason: { code: "missing", message: "" },
  };
  expect(told({ ...reading, work }, { ...reading, work }, { ...reading, work, ok: false }, unreadable)).toHaveLength(1);
});
