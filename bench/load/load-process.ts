/** Makes load in a process of its own, so that it does not share an event loop with the server or with what measures. */
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "undici";
import { type Lane, type LoadOutcome, type LoadPlan, type LoadReply, stopMessage } from "./load-plan.ts";

let stopped = false;

async function run(plan: LoadPlan): Promise<LoadOutcome> {
  const clients = await connectedAll(plan.origin, plan.lanes.length);
  const milliseconds: number[] = [];
  const replies: string[] = [];
  let left = plan.total ?? Number.POSITIVE_INFINITY;
  stopped = false;

  const drive = async (client: Client, lane: Lane): Promise<void> => {
    if (lane.startAfterMs !== undefined) await wait(lane.startAfterMs);
    for (let i = 0; i < lane.times && left > 0 && !stopped; i += 1) {
      left -= 1;
      const request = lane.requests[i % lane.requests.length];
      if (request === undefined) throw new RangeError("a lane has no requests");
      const sent = performance.now();
      const { statusCode, body } = await client.request({
        method: request.method,
        path: request.path,
        headers: { ...plan.headers, ...request.headers },
        body: request.body ?? null,
      });
      const text = await body.text();
      milliseconds.push(performance.now() - sent);
      if (statusCode < 200 || statusCode > 299) {
        throw new Error(`${request.method} ${request.path} was answered with ${statusCode}: ${text.slice(0, 500)}`);
      }
      if (plan.keepReplies === true) replies.push(text);
      if (text === plan.lastReply) return;
      if (lane.pauseMs !== undefined) await wait(lane.pauseMs);
    }
  };

  const begun = performance.now();
  await Promise.all(clients.map((client, i) => drive(client, plan.lanes[i] as Lane)));
  const seconds = (performance.now() - begun) / 1000;
  await Promise.all(clients.map((client) => client.close()));
  return { seconds, milliseconds: Float64Array.from(milliseconds), replies };
}

/** A client whose connection stands, so that no figure holds a handshake. */
async function connected(origin: string): Promise<Client> {
  const client = new Client(origin, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 600_000 });
  const { body } = await client.request({ method: "GET", path: "/ping" });
  await body.dump();
  return client;
}

/** A few at a time: a server takes thousands of connections, but not thousands at once. */
async function connectedAll(origin: string, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const few = Math.min(100, count - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: few }, () => connected(origin)))));
  }
  return clients;
}

process.on("message", (plan: LoadPlan | typeof stopMessage) => {
  if (plan === stopMessage) {
    stopped = true;
    return;
  }
  const answer = (reply: LoadReply) => process.send?.(reply);
  run(plan).then(
    (outcome) => answer({ outcome }),
    (error: unknown) => answer({ failure: error instanceof Error ? error.message : String(error) }),
  );
});
