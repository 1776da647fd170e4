import { expect, test } from "vitest";
import { gpusOf, hostProvenance } from "./host-provenance.ts";

test("GPUs are read from what nvidia-smi writes", () => {
  expect(gpusOf("NVIDIA H200, GPU-1a2b, 565.57.01, 143771\nSome, GPU, GPU-3c, 1.2, [N/A]\n\n")).toEqual([
    { name: "NVIDIA H200", uuid: "GPU-1a2b", driver: "565.57.01", memory_bytes: 143771 * 2 ** 20 },
    { name: "Some,GPU", uuid: "GPU-3c", driver: "1.2", memory_bytes: null },
  ]);
  expect(gpusOf("No devices were found\n")).toEqual([]);
});

test("this host has a name and processors", async () => {
  const { name, cpu } = await hostProvenance();
  expect(name).not.toBe("");
  expect(cpu.cores).toBeGreaterThan(0);
});
