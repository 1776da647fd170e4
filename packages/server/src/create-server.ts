/** A server: the user API and the compute API, one port each, over the two stores. */
import type { AddressInfo } from "node:net";
import type { Api } from "@alchemiscale/contract";
import type { ObjectStore } from "@alchemiscale/objectstore";
import type { StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { KeyChecks } from "./auth/key-checks.ts";
import { type LoginRealmOptions, loginRealm } from "./auth/login-realm.ts";
import { computeHandlers } from "./compute/handlers.ts";
import { Estimator } from "./estimates/estimator.ts";
import type { Gatherer } from "./estimates/gather-transformation.ts";
import { Measurements } from "./metrics/measurements.ts";
import type { MetricsOptions, MetricsServer } from "./metrics/metrics-server.ts";
import { Presence } from "./presence.ts";
import type { ServerContext, TransformationForm } from "./server-context.ts";
import { defaultLimits, type ServerLimits } from "./server-limits.ts";
import { KeyAudit } from "./submission/key-audit.ts";
import { computeApp, userApp } from "./transport/api-app.ts";
import { userHandlers } from "./user/handlers.ts";
import { Live } from "./v1/live.ts";
import { WorkerThreads } from "./worker-threads.ts";

export interface Binding {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

export interface ServerOptions {
  /** Stays the caller's: closing the server does not close it. */
  readonly stateStore: StateStore;
  readonly objectStore: ObjectStore;
  readonly jwtSecret: string;
  /** 1800 unless told. */
  readonly jwtExpireSeconds?: number;
  readonly limits?: Partial<ServerLimits>;
  /** A pino logger. */
  readonly logger: FastifyBaseLogger;
  /** An API without a binding is not served. */
  readonly bindings: { readonly user?: Binding; readonly compute?: Binding };
  /** `auto` unless told (compute-api §3.6). */
  readonly transformationForm?: TransformationForm;
  /** Refuse networks with keys that are provably not those of their content; off unless told. */
  readonly strictKeys?: boolean;
  /** Python, for estimates of protocols that are not read here; none unless told. It stays the caller's. */
  readonly gatherer?: Gatherer;
  /** Figures of this process and of the store, on a port of its own on 127.0.0.1; none unless told. */
  readonly metrics?: MetricsOptions;
}

/** An address as `http://host:port`; null before `listen`, and for an API that is not served. */
export interface Server {
  /** Opens the ports. @throws {CannotListen} */
  listen(): Promise<void>;
  /** Ends requests in progress with grace, then closes. */
  close(): Promise<void>;
  readonly userAddress: string | null;
  readonly computeAddress: string | null;
  /** `http://127.0.0.1:port/metrics`; null where none are served. */
  readonly metricsAddress: string | null;
  /** Claims without an answer so far, which wait for something to come. */
  readonly waitingClaims: number;
}

/** A port that cannot be opened: taken, or not allowed. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
  readonly api: Api | "metrics";
  readonly binding: Binding;

  constructor(api: Api | "metrics", binding: Binding, cause: NodeJS.ErrnoException) {
    const reason =
      cause.code === "EADDRINUSE" ? "the port is in use; choose another one, or stop the program that uses it" : cause.message;
    super(
      `the ${api === "metrics" ? "metrics server" : `${api} API`} cannot listen on ${binding.host}:${binding.port}: ${reason}`,
      { cause },
    );
    this.api = api;
    this.binding = binding;
  }
}

export function createServer(options: ServerOptions): Server {
  const workers = new WorkerThreads();
  const keyAudit = new KeyAudit(options.stateStore.objects, workers, options.logger);
  const closing = new AbortController();
  const measurements = new Measurements();
  const estimator = new Estimator(options);
  const live = new Live(options.stateStore, options.logger);
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const logins: LoginRealmOptions = {
    stateStore: options.stateStore,
    secret: options.jwtSecret,
    lifetimeSeconds: options.jwtExpireSeconds ?? 1800,
    keyChecks: new KeyChecks(),
    closing: closing.signal,
  };
  const admin = loginRealm("admin", logins);
  const contextOf = (api: Api): ServerContext => ({
    stateStore: options.stateStore,
    objectStore: options.objectStore,
    limits,
    logger: options.logger,
    strictKeys: options.strictKeys ?? false,
    transformationForm: options.transformationForm ?? "auto",
    workers,
    keyAudit,
    ...loginRealm(api, logins),
    admin,
    measurements,
    estimator,
    live,
    closing: closing.signal,
  });
  const computeContext = contextOf("compute");
  const apps: { api: Api; binding: Binding; app: FastifyInstance }[] = [];
  if (options.bindings.user !== undefined) {
    apps.push({ api: "user", binding: options.bindings.user, app: userApp(contextOf("user"), userHandlers) });
  }
  if (options.bindings.compute !== undefined) {
    apps.push({ api: "compute", binding: options.bindings.compute, app: computeApp(computeContext, computeHandlers) });
  }
  const { user, compute } = options.bindings;
  const kind = compute === undefined ? "user" : user === undefined ? "compute" : "both";
  const presence = new Presence({
    stateStore: options.stateStore,
    objectStore: options.objectStore,
    limits,
    logger: options.logger,
    kind,
  });
  let metrics: MetricsServer | undefined;

  const close = async () => {
    closing.abort();
    const impatient = setTimeout(() => {
      for (const { app } of apps) app.server.closeAllConnections();
    }, limits.graceSeconds * 1000);
    await Promise.all(apps.map(({ app }) => app.close()));
    clearTimeout(impatient);
    await metrics?.close();
    await estimator.stop();
    await presence.stop();
    await workers.close();
  };

  return {
    async listen() {
      try {
        await presence.start();
        metrics = await openMetrics(options, limits);
        if (metrics !== undefined) measurements.keepIn(metrics.keeper);
        for (const { api, binding, app } of apps) {
          try {
            await app.listen({ host: binding.host, port: binding.port });
          } catch (error) {
            throw new CannotListen(api, binding, error as NodeJS.ErrnoException);
          }
        }
        estimator.start();
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
    get userAddress() {
      return addressOf(apps.find(({ api }) => api === "user")?.app);
    },
    get computeAddress() {
      return addressOf(apps.find(({ api }) => api === "compute")?.app);
    },
    get metricsAddress() {
      return metrics?.address ?? null;
    },
    get waitingClaims() {
      return live.claims.size;
    },
  };
}

async function openMetrics(options: ServerOptions, limits: ServerLimits): Promise<MetricsServer | undefined> {
  if (options.metrics === undefined) return undefined;
  const { openMetricsServer } = await import("./metrics/metrics-server.ts");
  const { stateStore, logger } = options;
  const { registrationExpireSeconds } = limits;
  try {
    return await openMetricsServer({ ...options.metrics, stateStore, registrationExpireSeconds, logger });
  } catch (error) {
    throw new CannotListen("metrics", { host: "127.0.0.1", port: options.metrics.port }, error as NodeJS.ErrnoException);
  }
}

function addressOf(app: FastifyInstance | undefined): string | null {
  const address = app?.server.address() as AddressInfo | null | undefined;
  if (address === null || address === undefined) return null;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
