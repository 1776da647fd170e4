/** An API process on any state store: `node api-process.ts STATE_URL OBJECTS KIND LIMITS`. Tells its addresses over the IPC channel; ends when told to, or when that channel closes. */
import { openObjectStore } from "@alchemiscale/objectstore";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { createServer, type ServerLimits } from "../src/index.ts";

const [state = "", objects = "", kind = "both", limits = "{}"] = process.argv.slice(2);
process.on("disconnect", () => process.exit());
const stateStore = await openStateStore(state);
const objectStore = await openObjectStore(`file:${objects}`);
const binding = { host: "127.0.0.1", port: 0 };
const server = createServer({
  stateStore,
  objectStore,
  jwtSecret: "a secret for tests only",
  limits: JSON.parse(limits) as Partial<ServerLimits>,
  logger: pino({ level: process.env.LOG_LEVEL ?? "silent" }),
  bindings: {
    ...(kind === "compute" ? {} : { user: binding }),
    ...(kind === "user" ? {} : { compute: binding }),
  },
});
await server.listen();
process.on("message", async () => {
  await server.close();
  await Promise.all([stateStore.close(), objectStore.close()]);
  process.disconnect?.();
});
process.send?.({ user: server.userAddress, compute: server.computeAddress });
