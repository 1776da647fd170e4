/**
 * What a claim is compared with: one durable update of one row, through the same HTTP server and the same store. Both are ours, with all that every
 * request goes through (token, shape of the body, scope of the key, reply); only the operation behind the claim route is another one: the heartbeat of the
 * claiming service, the smallest write that the store has.
 *
 *   node bare-update-server.ts STATE_STORE_URL OBJECT_STORE_URL
 *
 * Takes tokens of the secret in JWT_SECRET_KEY. Prints its port. `POST /update` beside it is the same update by a Fastify route that does nothing else: it checks no
 * token and no shape.
 */
import type { AddressInfo } from "node:net";
import { parseComputeServiceId } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { createServer } from "@alchemiscale/server";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import fastify from "fastify";
import { pino } from "pino";

const [stateStoreUrl = "", objectStoreUrl = ""] = process.argv.slice(2);
const store = await openStateStore(stateStoreUrl);

const bareStore: StateStore = {
  ...store,
  claims: {
    ...store.claims,
    claimFromHub: async (_hub, { service }) => {
      if (!(await store.services.heartbeat(service))) throw new Error("there is no such row");
      return [null];
    },
  },
};
const server = createServer({
  stateStore: bareStore,
  objectStore: await openObjectStore(objectStoreUrl),
  jwtSecret: process.env.JWT_SECRET_KEY ?? "",
  logger: pino({ level: "info" }, pino.destination(2)),
  bindings: { compute: { host: "127.0.0.1", port: 0 } },
});
await server.listen();

const nothingElse = fastify();
nothingElse.get("/ping", async () => ({ api: "bare updates" }));
nothingElse.post<{ Body: { compute_service_id: string } }>("/update", async (request) => {
  if (!(await store.services.heartbeat(parseComputeServiceId(request.body.compute_service_id))))
    throw new Error("there is no such row");
  return [null];
});
await nothingElse.listen({ host: "127.0.0.1", port: 0 });

console.log(`${new URL(server.computeAddress ?? "").port} ${(nothingElse.server.address() as AddressInfo).port}`);
