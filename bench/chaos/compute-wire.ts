import { createHash } from "node:crypto";
import { once } from "node:events";
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { parseScopedKey, type ScopedKey, scopedKey, scopeFromParts } from "@alchemiscale/contract";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import type { Journal } from "./journal.ts";

/** Stands between compute services and servers, passes everything through, and writes down what both have said. */
export interface ComputeWire {
  readonly url: string;
  close(): Promise<void>;
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
  readonly encoding: string | undefined;
}

interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * @param servers addresses of compute APIs; requests go to them in turn, as through a load balancer.
 * @param isGone whether the process of a service is known to have ended: what reaches it no more is not executed.
 */
export async function startComputeWire(
  servers: readonly string[],
  journal: Journal,
  isGone: (service: string) => boolean,
): Promise<ComputeWire> {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const exchange: Exchange = {
      method: incoming.method ?? "GET",
      path: incoming.url ?? "/",
      body,
      encoding: incoming.headers["content-encoding"],
    };
    const arrived = performance.now();
    noteRequest(journal, exchange, arrived);
    turn += 1;
    const target = new URL(exchange.path, servers[turn % servers.length]);
    const forwarded = httpRequest(target, {
      method: exchange.method,
      headers: { ...incoming.headers, host: target.host, connection: "keep-alive" },
      agent,
    });
    forwarded.end(body);
    const [response] = (await once(forwarded, "response")) as [IncomingMessage];
    const reply: Reply = { status: response.statusCode ?? 0, body: await buffer(response) };
    if (!response.complete) throw new Error("the server ended in the middle of its reply");
    noteReply(journal, exchange, reply, arrived, isGone);
    const { "transfer-encoding": _, connection: __, ...headers } = response.headers;
    outgoing.writeHead(reply.status, { ...headers, "content-length": reply.body.length });
    outgoing.end(reply.body);
  };
  const server = createServer((incoming, outgoing) => {
    // A server that was killed looks to the service as it would without us: the connection breaks.
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

const paths = {
  claim: /^\/(?:claim|taskhubs\/[^/]+\/claim)$/,
  result: /^\/tasks\/([^/]+)\/results$/,
  failure: /^\/v1\/tasks\/([^/]+)\/failure$/,
  service: /^\/computeservice\/([^/]+)\/(register|heartbeat|deregister)$/,
};

/** Once a service has sent its result, or its farewell, it does not work on the Task any more, whatever the server makes of it. */
function noteRequest(journal: Journal, { path, body, encoding }: Exchange, at: number): void {
  const sent = paths.result.exec(path)?.[1];
  const finished = sent ?? paths.failure.exec(path)?.[1];
  if (finished !== undefined) {
    const { compute_service_id: id } = readJson(body, encoding) as { compute_service_id: string };
    const task = parseScopedKey(finished);
    journal.end((service) => service === id, at, task);
    if (sent !== undefined) journal.sent.set(task, new Set(journal.sent.get(task)).add(digestOf(body, encoding)));
  }
  const [, id, what] = paths.service.exec(path) ?? [];
  if (what === "deregister") journal.end((service) => service === id, at);
}

function noteReply(
  journal: Journal,
  exchange: Exchange,
  reply: Reply,
  arrived: number,
  isGone: (service: string) => boolean,
): void {
  const { path, body, encoding } = exchange;
  const [, id, what] = paths.service.exec(path) ?? [];
  if (id !== undefined && what !== "deregister") {
    // The server's clock for this service starts no later than the request arrived.
    if (isOk(reply)) journal.signs.push({ service: id, at: arrived });
    // Told that it is gone, a service gives up what it does.
    else if (reply.status === 409) journal.end((service) => service === id, performance.now());
  }
  if (!isOk(reply)) {
    if (reply.status >= 500 || (reply.status >= 400 && reply.status !== 409 && reply.status !== 401)) {
      journal.violations.push(
        `${exchange.method} ${path} was answered with ${reply.status}: ${reply.body.toString().slice(0, 300)}`,
      );
    }
    return;
  }
  if (paths.claim.test(path)) {
    const { compute_service_id: service } = readJson(body, encoding) as { compute_service_id: string };
    const tasks = (readJson(reply.body, undefined) as (ScopedKey | null)[] | null) ?? [];
    for (const task of tasks) {
      if (task === null) continue;
      journal.claims += 1;
      if (!isGone(service)) journal.executions.push({ task, service, begin: performance.now(), end: null });
    }
  }
  const task = paths.result.exec(path)?.[1];
  if (task !== undefined) {
    const { compute_service_id: service } = readJson(body, encoding) as { compute_service_id: string };
    journal.results.push({
      task: parseScopedKey(task),
      service,
      reference: readReference(reply.body),
      digest: digestOf(body, encoding),
      request: { path, body, encoding },
    });
  }
}

/** SHA-256 of what the server has to store: the payload inside the body (compute-api §4). */
function digestOf(body: Buffer, encoding: string | undefined): string {
  const { protocoldagresult } = readJson(body, encoding) as { protocoldagresult: { "latin-1": string } };
  const payload = decompressZstd(Buffer.from(protocoldagresult["latin-1"], "latin1"), { maxBytes: 2 ** 28 });
  return createHash("sha256").update(payload).digest("hex");
}

/** The reply of a result post. */
export function readReference(body: Buffer): ScopedKey {
  const { gufe_key, org, campaign, project } = readJson(body, undefined) as {
    gufe_key: string;
    org: string;
    campaign: string;
    project: string;
  };
  return scopedKey(gufe_key, scopeFromParts({ org, campaign, project }));
}

function isOk({ status }: Reply): boolean {
  return status >= 200 && status < 300;
}

function readJson(body: Buffer, encoding: string | undefined): unknown {
  return JSON.parse((encoding === "gzip" ? gunzipSync(body) : body).toString());
}
