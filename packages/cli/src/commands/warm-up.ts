import { mkdtemp, rm } from "node:fs/promises";
import { flushCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "@alchemiscale/server";
import { pino } from "pino";

/**
 * Runs once after an installation: starts a server for a moment and loads what the other commands need, so that all of it is in the
 * compile cache. Without it the first start takes twice as long and keeps 35 MiB of the compiler that strips types.
 */
export async function warmUp(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-warm-up-"));
  try {
    const { openStateStore } = await import("@alchemiscale/statestore");
    const { openObjectStore } = await import("@alchemiscale/objectstore");
    const stateStore = await openStateStore(`sqlite:${join(directory, "state.sqlite")}`);
    const objectStore = await openObjectStore(`file:${join(directory, "objects")}`);
    const anywhere = { host: "127.0.0.1", port: 0 };
    const logger = pino({ level: "silent" });
    const server = createServer({
      stateStore,
      objectStore,
      jwtSecret: directory,
      logger,
      bindings: { user: anywhere, compute: anywhere },
    });
    await server.listen();
    await Promise.all([
      import("./serve.ts"),
      import("./compute-synchronous.ts"),
      import("./identity-add.ts"),
      import("./identity-add-scope.ts"),
      import("./network-check.ts"),
      import("./network-submit.ts"),
      import("./results.ts"),
      import("./quickstart.ts"),
    ]);
    await server.close();
    await stateStore.close();
    await objectStore.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  flushCompileCache();
}
