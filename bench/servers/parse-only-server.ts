/**
 * What the submission of a network is compared with: an HTTP server whose one route parses the JSON body and forgets it. Prints its port.
 */
import type { AddressInfo } from "node:net";
import fastify from "fastify";

const app = fastify({ bodyLimit: 2 ** 30 });
app.get("/ping", async () => ({ api: "parse only" }));
app.post("/parse", async (request) => typeof request.body);
await app.listen({ host: "127.0.0.1", port: 0 });
console.log((app.server.address() as AddressInfo).port);
