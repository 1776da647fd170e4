import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ComputeServiceId } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { claimAll, create, nth, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

const script = fileURLToPath(new URL("./claiming-process.ts", import.meta.url));

interface Claimer {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly lines: (word: string) => string[];
  readonly errors: () => string;
}

function start(...args: string[]): Claimer {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    err += chunk;
  });
  const lines = (word: string) =>
    out
      .slice(0, out.lastIndexOf("\n") + 1)
      .split("\n")
      .flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  return { child, ended: once(child, "close"), lines, errors: () => err };
}

onEveryEngine("several processes on one store", (under) => {
  it("claim and complete every Task once, without an error", { timeout: 120_000 }, async () => {
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(transformations, 0), 400);
    await under.store.hubs.action(network, tasks, null, user);
    const claimers = [1, 2, 3].map((n) => start(under.url, hub, `process-0000000000000000000000000000000${n}`));
    // This process writes as well, in bulk.
    for (let i = 0; i < 20; i++) await create(under.store, nth(transformations, 0), 200);
    await Promise.all(claimers.map(({ ended }) => ended));
    for (const { child, errors } of claimers) expect({ code: child.exitCode, errors: errors() }).toEqual({ code: 0, errors: "" });
    const completed = claimers.flatMap(({ lines }) => lines("completed"));
    expect(completed).toHaveLength(400);
    expect(new Set(completed)).toEqual(new Set(tasks));
  });

  it("lose nothing that was acknowledged when one is killed, and get its Tasks back", { timeout: 120_000 }, async () => {
    const { network, hub, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(under.store, nth(transformations, 0), 300);
    await under.store.hubs.action(network, tasks, null, user);
    const completed: string[] = [];
    for (let n = 0; n < 3; n++) {
      const service = `killed-0000000000000000000000000000000${n}`;
      const victim = start(under.url, hub, service);
      await expect.poll(() => victim.lines("completed").length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(10 + 7 * n);
      victim.child.kill("SIGKILL");
      await victim.ended;
      completed.push(...victim.lines("completed"));
      await under.store.services.deregister(service as ComputeServiceId, {});
    }
    expect(new Set(await under.store.tasks.getStatuses(completed as typeof tasks))).toEqual(new Set(["complete"]));
    // What had been claimed and not reported waits again; a report that was not acknowledged any more may have come through.
    const [counts] = await under.store.networks.statuses([network]);
    expect(counts?.running).toBeUndefined();
    expect((counts?.complete ?? 0) - completed.length).toBeLessThanOrEqual(3);
    const rest = await claimAll(under.store, hub, await under.service(), 1000);
    expect(rest).toHaveLength(300 - (counts?.complete ?? 0));
  });
});
