import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Provenance } from "@alchemiscale/contract";
import type { ExecutorVersions } from "../executor.ts";
import { hostProvenance } from "./host-provenance.ts";

/** Where and how a Task was computed: this host, the executor, the versions of its packages, and what is known of each attempt (in gufe's order). */
export async function resultProvenance(
  { executor, packages }: ExecutorVersions,
  attempts: Provenance["units"],
): Promise<Provenance> {
  const host = await hostProvenance();
  return { executor, host: { ...host, gpus: [...host.gpus] }, packages: { ...packages }, units: attempts };
}

/** What an executor has written about each attempt (`*.provenance` in `units`, by gufe's order). What cannot be read is left out: a result is never lost for it. */
export async function attemptsIn(units: string): Promise<Provenance["units"]> {
  const names = (await readdir(units).catch(() => [])).filter((name) => name.endsWith(".provenance")).sort();
  const attempts: Provenance["units"] = [];
  for (const name of names) {
    try {
      // A few hundred bytes each: to have another thread read them takes longer.
      attempts.push(JSON.parse(readFileSync(join(units, name), "utf8")));
    } catch {
      // Cut off, with the attempt's result beside it.
    }
  }
  return attempts;
}
