import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutorVersions } from "../executor.ts";

/** What a service says of itself when it registers: versions by name, of its own, of its executor, and of what that executes with. */
export function versionsOf({ executor, packages }: ExecutorVersions): Record<string, string> {
  return { service: ownVersion(), executor: `${executor.name} ${executor.version}`, ...packages };
}

function ownVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
