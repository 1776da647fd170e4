/**
 * A process of its own on one file, until its standard input closes: `node writing-process.ts URL ROLE NAME NETWORK HUB`. Says when it has
 * begun, and at last how often it did what it does and how long the longest took, in milliseconds; what fails ends it.
 */
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { openStateStore, type StateStore } from "../src/index.ts";
import { backupFile } from "../src/sql/sqlite/backup-file.ts";
import { report } from "./given.ts";

const [url = "", role = "", name = "", network = "", hub = ""] = process.argv.slice(2);
let over = false;
process.stdin.on("end", () => {
  over = true;
});
process.stdin.resume();
let [times, longest] = [0, 0];

async function repeat(act: () => Promise<void>): Promise<void> {
  while (!over) {
    const begun = performance.now();
    await act();
    times += 1;
    if (times === 1) process.stdout.write("begun\n");
    longest = Math.max(longest, performance.now() - begun);
  }
}

/** As an API process under load: creates, actions, claims, reports, and beats. */
async function serve(store: StateStore): Promise<void> {
  const service = `${name}-00000000000000000000000000000001` as ComputeServiceId;
  await store.services.register(service, { managerName: null, sentManagerKey: true, identity: null });
  const [transformation] = await store.networks.transformationsOf(network as ScopedKey);
  if (transformation === undefined) throw new Error("the network has a Transformation");
  const many = Array<ScopedKey>(50).fill(transformation);
  await Promise.all([
    repeat(async () => {
      const tasks = await store.tasks.create(many, null, name, {});
      await store.hubs.action(network as ScopedKey, tasks, null, {});
    }),
    ...Array.from({ length: 16 }, () =>
      repeat(async () => {
        const [task] = await store.claims.claimFromHub(hub as ScopedKey, { service, count: 1, protocols: null });
        if (task !== null && task !== undefined) await store.results.report(report(task, service));
        await store.services.heartbeat(service);
        await store.networks.statuses([network as ScopedKey]);
      }),
    ),
  ]);
}

/** As a verb of the command line: opens, reads and writes a little, closes. */
async function command(): Promise<void> {
  const store = await openStateStore(url);
  await store.identities.put("user", name, String(times));
  await store.identities.list("user");
  await store.close();
}

if (role === "serve") {
  const store = await openStateStore(url);
  await serve(store);
  await store.close();
} else if (role === "command") {
  await repeat(command);
} else {
  await repeat(() => backupFile(url.slice("sqlite:".length), `${name}-${times}.sqlite`));
}
process.stdout.write(`${times} ${Math.round(longest)}\n`);
