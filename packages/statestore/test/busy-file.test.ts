/** One SQLite file in several processes that write all the time: nobody is ever told that it is locked, or waits long. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Scope } from "@alchemiscale/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStateStore } from "../src/index.ts";
import { sampleNetwork } from "./sample-network.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-busy-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it("serves two writing processes, commands and backups at once", { timeout: 120_000 }, async () => {
  const url = `sqlite:${join(directory, "state.sqlite")}`;
  const store = await openStateStore(url);
  const { network, hub } = await store.networks.submit(sampleNetwork({ scope: "o-c-p" }), {});
  const script = fileURLToPath(new URL("./writing-process.ts", import.meta.url));
  const start = (role: string, name: string) => {
    const child = spawn(process.execPath, [script, url, role, name, network, hub]);
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return {
      child,
      begun: once(child.stdout, "data"),
      outcome: ended.then(([out, errors, [code]]) => ({ role, out, errors, code: code as number | null })),
    };
  };
  const processes = [
    start("serve", "one"),
    start("serve", "two"),
    start("command", "first"),
    start("command", "second"),
    start("backup", join(directory, "backup")),
  ];
  const early = Promise.race(processes.map(({ outcome }) => outcome));
  await Promise.race([early, Promise.all(processes.map(({ begun }) => begun)).then(() => delay(5000))]);
  for (const { child } of processes) child.stdin.end();
  const outcomes = await Promise.all(processes.map(({ outcome }) => outcome));
  for (const { role, errors, code } of outcomes) {
    expect({ role, errors, code }).toEqual({ role, errors: "", code: 0 });
  }
  for (const { role, out } of outcomes) {
    const [times = 0, longest = Number.NaN] = (out.split("\n").at(-2) ?? "").split(" ").map(Number);
    expect(times, role).toBeGreaterThan(0);
    expect(longest, role).toBeLessThan(20_000);
  }

  // A backup is a whole store of one moment.
  const copy = await openStateStore(`sqlite:${join(directory, "backup-0.sqlite")}`);
  expect(await copy.networks.query({ scopes: ["*-*-*" as Scope] })).toEqual([network]);
  const [[counts], tasks] = await Promise.all([copy.networks.statuses([network]), copy.tasks.ofNetwork(network)]);
  expect(Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0)).toBe(tasks.length);
  await copy.close();
  await store.close();
});
