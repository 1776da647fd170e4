import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { openStateStore, StateStoreUnavailable } from "../src/index.ts";
import { onEveryEngine } from "./on-every-engine.ts";

/** Stands between the store and the server, and swallows everything while it is told to; connections stay open. */
async function swallowingProxy(target: URL) {
  let swallows = false;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => {
        if (!swallows) to.write(bytes);
      });
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    swallow: (now: boolean) => {
      swallows = now;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

onEveryEngine(
  "a server that keeps its connections and answers nothing",
  (under) => {
    it("cannot be reached, and is again when it answers", async () => {
      await using proxy = await swallowingProxy(new URL(under.url));
      const store = await openStateStore(proxy.url, { patience: 300 });
      try {
        await store.check();
        proxy.swallow(true);
        await expect(store.check()).rejects.toThrow(StateStoreUnavailable);
        proxy.swallow(false);
        await store.check();
        const { network } = await under.network();
        expect(await store.objects.exists(network)).toBe(true);
      } finally {
        await store.close();
      }
    });
  },
  { sqlite: false },
);
