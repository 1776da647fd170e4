import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export type Route = "token" | "register" | "deregister" | "heartbeat" | "claim" | "transformation" | "result" | "failure";

export interface Call {
  readonly route: Route;
  /** Id of the service, or key of the Task, in the path. */
  readonly subject: string;
  readonly body: unknown;
}

/** A reply; `"drop"` closes the connection without one. */
export type Reply = { readonly status?: number; readonly json?: unknown; readonly text?: string } | "drop";

const routes: readonly [Route, RegExp][] = [
  ["token", /^\/token$/],
  ["register", /^\/computeservice\/(.*)\/register$/],
  ["deregister", /^\/computeservice\/(.*)\/deregister$/],
  ["heartbeat", /^\/computeservice\/(.*)\/heartbeat$/],
  ["claim", /^\/claim$/],
  ["transformation", /^\/tasks\/(.*)\/transformation\/gufe\?form=chain$/],
  ["result", /^\/tasks\/(.*)\/results$/],
  ["failure", /^\/v1\/tasks\/(.*)\/failure$/],
];

const transformation = readFileSync(new URL("./fixtures/native/transformation.json", import.meta.url), "utf8");

/**
 * A compute API that does what each test tells it, for what a real server cannot be made to do: lose replies, forget services, be
 * away. Emits `call` with each {@link Call}. Without instructions it takes everything, has no Tasks, and knows one Transformation.
 */
export class StubComputeApi extends EventEmitter<{ call: [Call] }> {
  readonly calls: Call[] = [];
  /** Tasks handed out at the next claims, a list each; then none. */
  claims: (readonly string[])[] = [];
  transformation = transformation;
  /** Replies in place of the usual ones; undefined = the usual. */
  answer: (call: Call) => Reply | undefined | Promise<Reply | undefined> = () => undefined;
  readonly #server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const text = (incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw).toString();
    const found = routes
      .map(([route, path]) => ({ route, match: path.exec(incoming.url ?? "") }))
      .find(({ match }) => match !== null);
    if (found === undefined) {
      outgoing.writeHead(404).end("{}");
      return;
    }
    const call = {
      route: found.route,
      subject: found.match?.[1] ?? "",
      body: found.route === "token" || text === "" ? text : JSON.parse(text),
    };
    this.calls.push(call);
    const reply = (await this.answer(call)) ?? this.#usual(call);
    if (reply === "drop") incoming.socket.destroy();
    else
      outgoing
        .writeHead(reply.status ?? 200, { "content-type": "application/json" })
        .end(reply.text ?? JSON.stringify(reply.json ?? null));
    this.emit("call", call);
  });

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  of(route: Route): Call[] {
    return this.calls.filter((call) => call.route === route);
  }

  /** The next call of a route, or the last one if there has been one and `again` is not asked for. */
  async until(route: Route, count = 1): Promise<Call> {
    for (;;) {
      const call = this.of(route)[count - 1];
      if (call !== undefined) return call;
      await once(this, "call");
    }
  }

  #usual(call: Call): Reply {
    switch (call.route) {
      case "token":
        return { json: { access_token: "token", token_type: "bearer" } };
      case "claim":
        return { json: this.claims.shift() ?? [null] };
      case "transformation":
        return { text: `[${this.transformation}, null]` };
      case "result":
        return { json: { gufe_key: "ProtocolDAGResultRef-1", org: "o", campaign: "c", project: "p" } };
      default:
        return { json: call.subject };
    }
  }
}
