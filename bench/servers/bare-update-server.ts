/**
 * What a claim is compared with: an HTTP server whose one route makes one durable update of one row, by the same engine, in the same database.
 * It checks no token and validates no body, so it is faster than any real route can be.
 *
 *   node bare-update-server.ts STATE_STORE_URL
 *
 * Prints its port. The row is the registration of a compute service, the update its heartbeat: the smallest write that the store has.
 */
import type { AddressInfo } from "node:net";
import { parseComputeServiceId } from "@alchemiscale/contract";
import { openStateStore } from "@alchemiscale/statestore";
import fastify from "fastify";

const [url = ""] = process.argv.slice(2);
const store = await openStateStore(url);
const app = fastify();
app.get("/ping", async () => ({ api: "bare updates" }));
app.post<{ Body: { compute_service_id: string } }>("/update", async (request) => {
  const found = await store.services.heartbeat(parseComputeServiceId(request.body.compute_service_id));
  if (!found) throw new Error("there is no such row");
  return [null];
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log((app.server.address() as AddressInfo).port);
