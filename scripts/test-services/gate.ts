/** A way to a server that can be shut and opened again: the server is gone and back for whoever goes through it. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class Gate {
  readonly port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  /** Bytes towards the client after which all connections are cut; none unless told. */
  cutAfter = Number.POSITIVE_INFINITY;

  private constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
  }

  static async to(target: number): Promise<Gate> {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    probe.close();
    await once(probe, "close");
    const gate = new Gate(port, target);
    await gate.open();
    return gate;
  }

  async open(): Promise<void> {
    this.#server = createServer((client) => {
      const upstream = connect(this.#target, "127.0.0.1");
      let passed = 0;
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
      }
      client.pipe(upstream);
      client.on("close", () => upstream.destroy());
      upstream.on("close", () => client.destroy());
      upstream.on("data", (chunk) => {
        passed += chunk.length;
        if (passed > this.cutAfter) return client.destroy();
        if (!client.write(chunk)) upstream.pause();
        return undefined;
      });
      client.on("drain", () => upstream.resume());
    }).listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async shut(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
