import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { postgresql } from "./postgresql.ts";
import { type RunningService, ServiceAbsent, type ServiceAnswer, type TestService } from "./test-service.ts";
import { versitygw } from "./versitygw.ts";

const services: Readonly<Record<string, TestService>> = { postgresql, s3: versitygw };

/*
 * Which tests need a service is known only when they ask. So this process, which outlives the test processes, answers on a local port:
 * the first question starts the service, and later ones get the same answer. Test processes find the port in ALCHEMISCALE_TEST_SERVICES.
 */
const started = new Map<string, Promise<ServiceAnswer>>();
const running: RunningService[] = [];
let server: Server | undefined;

/** Vitest calls this once before all tests. */
export const setup = async (): Promise<void> => {
  server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? "";
    const service = services[name];
    if (service === undefined) {
      response.writeHead(404).end();
      return;
    }
    const answer = started.get(name) ?? start(service);
    started.set(name, answer);
    answer.then((found) => response.setHeader("content-type", "application/json").end(JSON.stringify(found)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  process.env.ALCHEMISCALE_TEST_SERVICES = `http://127.0.0.1:${address.port}`;
};

const start = async (service: TestService): Promise<ServiceAnswer> => {
  const begun = performance.now();
  try {
    const found = await service.start();
    running.push(found);
    say(service, `used: ${found.description} (ready in ${((performance.now() - begun) / 1000).toFixed(1)} s)`);
    return { url: found.url, environment: found.environment };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(service, `${error instanceof ServiceAbsent ? "skipped" : "failed to start"}: ${reason}`);
    return { absent: reason };
  }
};

const say = (service: TestService, text: string): void => {
  process.stderr.write(`${service.title} ${text}\n`);
};

/** Vitest calls this once after all tests. */
export const teardown = async (): Promise<void> => {
  for (const [name, service] of Object.entries(services))
    if (!started.has(name)) say(service, "not started: no test asked for it");
  await Promise.allSettled(started.values());
  await Promise.allSettled(running.map((service) => service.stop()));
  server?.closeAllConnections();
  server?.close();
};
