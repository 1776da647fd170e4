import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ScopedKey } from "@alchemiscale/contract";
import type { MeasuredSystem } from "../servers/measured-system.ts";
import type { GatherOutcome } from "./gather-process.ts";

type Mode = "gather" | "stream" | "archive" | "restore";

/** A client in a process of its own, and the lines that it prints. */
export function startGathering(system: MeasuredSystem, network: ScopedKey, directory: string, mode: Mode) {
  const script = fileURLToPath(new URL("./gather-process.ts", import.meta.url));
  const { identifier, key } = system.identity;
  const child = spawn(process.execPath, [script, mode, system.server.userUrl, identifier, key, network, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, lines: createInterface({ input: child.stdout }) };
}

/** What such a client took in the end. */
export async function taken(system: MeasuredSystem, network: ScopedKey, directory: string, mode: Mode): Promise<GatherOutcome> {
  const { child, lines } = startGathering(system, network, directory, mode);
  const closed = once(child, "close");
  let last = "";
  for await (const line of lines) last = line;
  const [code] = await closed;
  if (code !== 0) throw new Error(`the client ended with exit code ${code}`);
  return JSON.parse(last) as GatherOutcome;
}
