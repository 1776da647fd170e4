/** Where and how a result was computed, as its compute service tells: kept beside it, with the characters in which it came. */
import { isProvenance, type Provenance } from "@alchemiscale/contract";

/** Bytes. */
export const largestProvenance = 4 * 1024 ** 2;

/**
 * The processor that did the work, which what a Task costs depends on: the GPU, where there is one. Null where the text is no provenance.
 */
export function hardwareIn(text: string): string | null {
  const told = parsed(text);
  return isProvenance(told) ? hardwareOf(told) : null;
}

/** @param location of the result's object */
export function provenanceBeside(location: string): string {
  return location.replace(/[^/]*$/, "provenance.json");
}

function hardwareOf({ host: { gpus, cpu } }: Provenance): string {
  return gpus[0]?.name ?? cpu.model;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
