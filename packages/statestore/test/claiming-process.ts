/** A process of its own that claims and completes Tasks until none is left: `node claiming-process.ts URL HUB SERVICE`. Prints a line for each. */
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { openStateStore } from "../src/index.ts";
import { report } from "./given.ts";

const [url = "", hub = "", service = ""] = process.argv.slice(2);
const store = await openStateStore(url);
const id = service as ComputeServiceId;
await store.services.register(id, { managerName: null, sentManagerKey: true, identity: null });
for (;;) {
  const [task] = await store.claims.claimFromHub(hub as ScopedKey, { service: id, count: 1, protocols: null });
  if (task === null || task === undefined) break;
  process.stdout.write(`claimed ${task}\n`);
  await Promise.all([
    store.results.report(report(task, service)),
    store.services.heartbeat(id),
    store.tasks.getStatuses([task]),
    store.objects.exists(task),
  ]);
  process.stdout.write(`completed ${task}\n`);
}
await store.close();
