/** `/metrics` in Prometheus' text form, on a port of its own. Loaded only where it was asked for. */
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { MeasurementKeeper } from "./measurements.ts";
import { taskSeries } from "./task-series.ts";

export interface MetricsOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Tasks by scope too, not only by status. */
  readonly byScope: boolean;
}

export interface MetricsServer {
  readonly keeper: MeasurementKeeper;
  /** `http://127.0.0.1:port/metrics`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Figures of the whole store are counted anew at most this often, however many scrape. */
const freshMilliseconds = 10_000;
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Listens on 127.0.0.1 only: whoever may read the figures is for a proxy, or the machine, to say. Rejects with the error of the port. */
export async function openMetricsServer(
  options: MetricsOptions & {
    readonly stateStore: StateStore;
    /** A compute service without a heartbeat for this long is not alive. */
    readonly registrationExpireSeconds: number;
    readonly logger: FastifyBaseLogger;
  },
): Promise<MetricsServer> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const keeper = declareRequests(registry);
  declareStore(registry, options);
  const server = createServer((request, response) => {
    const found = request.method === "GET" && request.url?.split("?", 1)[0] === "/metrics";
    if (!found) {
      response.writeHead(404, { "content-type": "text/plain" }).end("only GET /metrics is here\n");
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      (error: unknown) => {
        options.logger.error({ err: error }, "the metrics could not be collected");
        response.writeHead(500, { "content-type": "text/plain" }).end("the metrics could not be collected\n");
      },
    );
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    keeper,
    address: `http://127.0.0.1:${port}/metrics`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      registry.clear();
    },
  };
}

function listen(server: HttpServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Exclusive: processes that share the port of an API have their own figures.
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve());
    server.unref();
  });
}

function declareRequests(registry: Registry): MeasurementKeeper {
  const registers = [registry];
  const requests = new Counter({
    name: "alchemiscale_http_requests_total",
    help: "Requests answered by this process.",
    labelNames: ["api", "method", "route", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "alchemiscale_http_request_duration_seconds",
    help: "From the head of a request to the end of its answer.",
    labelNames: ["api", "method", "route"],
    buckets: latencyBuckets,
    registers,
  });
  const open = new Gauge({
    name: "alchemiscale_http_requests_in_flight",
    help: "Requests being answered by this process.",
    registers,
  });
  const claimed = new Counter({
    name: "alchemiscale_claimed_tasks_total",
    help: "Tasks handed to compute services by this process.",
    registers,
  });
  const results = new Counter({
    name: "alchemiscale_results_total",
    help: "Results stored by this process.",
    labelNames: ["ok"],
    registers,
  });
  return {
    request: (measure) => {
      const { api, method, route, status } = measure;
      requests.inc({ api, method, route, status: String(status) });
      seconds.observe({ api, method, route }, measure.seconds);
    },
    inFlight: (change) => open.inc(change),
    claimed: (tasks) => claimed.inc(tasks),
    result: (ok) => results.inc({ ok: String(ok) }),
  };
}

/** The same in every process over one store: take the maximum of several, not their sum. */
function declareStore(
  registry: Registry,
  options: { readonly stateStore: StateStore; readonly byScope: boolean; readonly registrationExpireSeconds: number },
): void {
  const registers = [registry];
  const { stateStore, byScope } = options;
  const up = new Gauge({ name: "alchemiscale_state_store_up", help: "1 when the state store answered.", registers });
  const tasks = cached(() => stateStore.tasks.count(byScope));
  const services = cached(() => stateStore.services.list());
  new Gauge({
    name: "alchemiscale_tasks",
    help: "Tasks in the store by status.",
    labelNames: byScope ? ["scope", "status"] : ["status"],
    registers,
    async collect() {
      this.reset();
      try {
        for (const { labels, tasks: count } of taskSeries(await tasks(), byScope)) this.set(labels, count);
        up.set(1);
      } catch {
        // The figures are left out, and this says why.
        up.set(0);
      }
    },
  });
  new Gauge({
    name: "alchemiscale_compute_services_alive",
    help: "Compute services with a heartbeat that is recent enough.",
    registers,
    async collect() {
      this.reset();
      try {
        const since = (Date.now() - options.registrationExpireSeconds * 1000) * 1000;
        this.set((await services()).filter(({ heartbeat }) => heartbeat >= since).length);
      } catch {
        // As above.
      }
    },
  });
  new Gauge({
    name: "alchemiscale_claims",
    help: "Tasks that compute services hold.",
    registers,
    async collect() {
      this.reset();
      try {
        this.set((await services()).reduce((sum, { claims }) => sum + claims, 0));
      } catch {
        // As above.
      }
    },
  });
}

/** Asks at most once in a while, and never twice at a time. */
function cached<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  let until = 0;
  return () => {
    if (answer === null || Date.now() > until) {
      until = Date.now() + freshMilliseconds;
      answer = ask();
      answer.catch(() => {
        until = 0;
      });
    }
    return answer;
  };
}
