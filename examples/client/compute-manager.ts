/** One round of a compute manager: it asks what to do, and reports how it is. A real one goes on, and starts compute services. */
import { randomUUID } from "node:crypto";
import { AlchemiscaleComputeManagerClient } from "@alchemiscale/client";
import { connectionFromEnvironment, nodeFetch } from "@alchemiscale/client/node";
import { parseComputeManagerId } from "@alchemiscale/contract";

// ALCHEMISCALE_URL is that of the compute API, the identity one for compute.
const client = new AlchemiscaleComputeManagerClient({ ...connectionFromEnvironment(), fetch: nodeFetch() });
const manager = parseComputeManagerId(`example-${randomUUID().replaceAll("-", "")}`);

// It takes the place of one of the same name that is still registered, for instance as it was killed.
await client.register(manager, { steal: true });
const reply = await client.getInstruction(manager);
switch (reply.instruction) {
  case "OK":
    console.log(`${reply.tasks} Tasks can be claimed, ${reply.services.length} services are there`);
    await client.updateStatus(manager, { status: "OK", saturation: 0 });
    break;
  case "SKIP":
    console.log(`services fail: ${reply.services.join(", ")}`);
    break;
  case "SHUTDOWN":
    console.log(reply.message);
}
await client.deregister(manager);
