/** Random numbers that a run can be repeated with: Tasks get random keys, but the seeds of their simulations are planned. */
import { createHash, randomInt } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import { gufeKeyOf } from "@alchemiscale/contract";

/** A new seed for a run: short enough to be typed. */
export function drawSeed(): number {
  return randomInt(1, 2 ** 31);
}

/**
 * Seeds of Tasks: the n-th Task of a transformation gets the same text in every run with the same seed, whichever service executes it.
 * @param tasks In the order of their creation, each with its transformation.
 */
export function planSeeds(
  seed: number,
  tasks: readonly { readonly task: ScopedKey; readonly transformation: ScopedKey }[],
): Record<ScopedKey, string> {
  const counts = new Map<ScopedKey, number>();
  const plan: Record<ScopedKey, string> = {};
  for (const { task, transformation } of tasks) {
    const count = counts.get(transformation) ?? 0;
    counts.set(transformation, count + 1);
    // Hashed, so that neighbouring seeds have nothing in common.
    plan[task] = createHash("sha256")
      .update(`${seed} ${gufeKeyOf(transformation)} ${count}`)
      .digest("hex")
      .slice(0, 32);
  }
  return plan;
}
