/** Puts a Task on the hub of its network, from a process of its own. Arguments: store, network, Task. */
import type { ScopedKey } from "@alchemiscale/contract";
import { openStateStore } from "@alchemiscale/statestore";

const [, , url = "", network = "", task = ""] = process.argv;
const store = await openStateStore(url);
await store.hubs.action(network as ScopedKey, [task as ScopedKey], null, { identity: "elsewhere" });
await store.close();
process.disconnect?.();
