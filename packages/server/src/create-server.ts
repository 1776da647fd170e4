/** A server: the user API and the compute API, one port each, over the two stores. */
import type { AddressInfo } from "node:net";
import type { Api } from "@alchemiscale/contract";
import type { ObjectStore } from "@alchemiscale/objectstore";
import type { StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { CredentialCheck } from "./auth/credential-check.ts";
import { FailedLogins } from "./auth/failed-logins.ts";
import { Tokens } from "./auth/tokens.ts";
import { expireServices } from "./compute/compute-services.ts";
import { computeHandlers } from "./compute/handlers.ts";
import { expireManagers } from "./compute/managers/manager-registrations.ts";
import type { ServerContext, TransformationForm } from "./server-context.ts";
import { defaultLimits, type ServerLimits } from "./server-limits.ts";
import { KeyAudit } from "./submission/key-audit.ts";
import { computeApp, userApp } from "./transport/api-app.ts";
import { userHandlers } from "./user/handlers.ts";
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
}

/** An address as `http://host:port`; null before `listen`, and for an API that is not served. */
export interface Server {
  /** Opens the ports. @throws {CannotListen} */
  listen(): Promise<void>;
  /** Ends requests in progress with grace, then closes. */
  close(): Promise<void>;
  readonly userAddress: string | null;
  readonly computeAddress: string | null;
}

/** A port that cannot be opened: taken, or not allowed. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
  readonly api: Api;
  readonly binding: Binding;

  constructor(api: Api, binding: Binding, cause: NodeJS.ErrnoException) {
    const reason =
      cause.code === "EADDRINUSE" ? "the port is in use; choose another one, or stop the program that uses it" : cause.message;
    super(`the ${api} API cannot listen on ${binding.host}:${binding.port}: ${reason}`, { cause });
    this.api = api;
    this.binding = binding;
  }
}

const maxSweepMilliseconds = 30_000;
const graceMilliseconds = 10_000;

export function createServer(options: ServerOptions): Server {
  const workers = new WorkerThreads();
  const keyAudit = new KeyAudit(workers, options.logger);
  const started = Date.now();
  const contextOf = (api: Api): ServerContext => ({
    stateStore: options.stateStore,
    objectStore: options.objectStore,
    limits: { ...defaultLimits, ...options.limits },
    logger: options.logger,
    strictKeys: options.strictKeys ?? false,
    transformationForm: options.transformationForm ?? "auto",
    workers,
    keyAudit,
    tokens: new Tokens({ api, secret: options.jwtSecret, lifetimeSeconds: options.jwtExpireSeconds ?? 1800 }),
    credentials: new CredentialCheck(options.stateStore, api),
    failedLogins: new FailedLogins(),
    started,
  });
  const computeContext = contextOf("compute");
  const apps: { api: Api; binding: Binding; app: FastifyInstance }[] = [];
  if (options.bindings.user !== undefined) {
    apps.push({ api: "user", binding: options.bindings.user, app: userApp(contextOf("user"), userHandlers) });
  }
  if (options.bindings.compute !== undefined) {
    apps.push({ api: "compute", binding: options.bindings.compute, app: computeApp(computeContext, computeHandlers) });
  }
  let sweep: NodeJS.Timeout | undefined;

  const close = async () => {
    clearInterval(sweep);
    const impatient = setTimeout(() => {
      for (const { app } of apps) app.server.closeAllConnections();
    }, graceMilliseconds);
    await Promise.all(apps.map(({ app }) => app.close()));
    clearTimeout(impatient);
    await workers.close();
  };

  return {
    async listen() {
      try {
        for (const { api, binding, app } of apps) {
          try {
            await app.listen({ host: binding.host, port: binding.port });
          } catch (error) {
            throw new CannotListen(api, binding, error as NodeJS.ErrnoException);
          }
        }
      } catch (error) {
        await close();
        throw error;
      }
      // Heartbeats and reports expire the silent too; the timer does where nobody sends any.
      if (options.bindings.compute !== undefined) {
        const { registrationExpireSeconds, managerExpireSeconds, managerExpireErrorSeconds } = computeContext.limits;
        const shortest = Math.min(registrationExpireSeconds, managerExpireSeconds, managerExpireErrorSeconds);
        const sweepMilliseconds = Math.min(maxSweepMilliseconds, shortest * 250);
        sweep = setInterval(() => void sweepRegistrations(computeContext), sweepMilliseconds).unref();
      }
    },
    close,
    get userAddress() {
      return addressOf(apps.find(({ api }) => api === "user")?.app);
    },
    get computeAddress() {
      return addressOf(apps.find(({ api }) => api === "compute")?.app);
    },
  };
}

async function sweepRegistrations(context: ServerContext): Promise<void> {
  try {
    await expireServices(context);
    await expireManagers(context);
  } catch (error) {
    context.logger.error({ err: error }, "expired compute services and managers could not be looked for");
  }
}

function addressOf(app: FastifyInstance | undefined): string | null {
  const address = app?.server.address() as AddressInfo | null | undefined;
  if (address === null || address === undefined) return null;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
