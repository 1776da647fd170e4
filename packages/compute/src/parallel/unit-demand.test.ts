import { expect, test } from "vitest";
import type { ResourceHints } from "../executor.ts";
import { unitDemand, unitVariables } from "./unit-demand.ts";

const unknown: ResourceHints = { gpu: null, cores: null, memory: null };
const unit = (qualname: string, hints = unknown) => ({ qualname, name: "a name", hints });

test("settings go before what the executor tells, and that before the name", () => {
  const rules = [{ unit: "*Analysis*", cores: 4, memory: 1024, gpu: null }];
  expect(unitDemand(unit("HybridAnalysisUnit"), rules)).toEqual({ cores: 4, memory: 1024, gpu: false });
  expect(unitDemand(unit("HybridAnalysisUnit", { gpu: true, cores: 2, memory: 7 }), rules)).toEqual({
    cores: 4,
    memory: 1024,
    gpu: true,
  });
  expect(unitDemand(unit("HybridSimulationUnit"), rules)).toEqual({ cores: 1, memory: 0, gpu: true });
  expect(unitDemand(unit("ProtocolSetupUnit"), rules).gpu).toBe(false);
  expect(unitDemand(unit("Simulate.A+B"), [{ unit: "Simulate.A+B", cores: null, memory: null, gpu: false }]).gpu).toBe(false);
});

test("a unit sees its GPU and no other, and uses as many threads as it has cores", () => {
  expect(unitVariables(2.5, "1")).toEqual({ CUDA_VISIBLE_DEVICES: "1", OMP_NUM_THREADS: "2", OPENMM_CPU_THREADS: "2" });
  expect(unitVariables(1, null).CUDA_VISIBLE_DEVICES).toBe("");
  expect("CUDA_VISIBLE_DEVICES" in unitVariables(1, undefined)).toBe(false);
});
