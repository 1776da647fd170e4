/** Runs one API, or both, over the stores of a command until a signal comes. */
import type { Binding, Server, ServerOptions } from "@alchemiscale/server";
import type { Logger } from "pino";
import { createDataDirectory } from "../data/data-directory.ts";
import { obtainJwtSecret } from "../data/jwt-secret.ts";
import type { StoreOptions } from "../data/open-stores.ts";
import { type ServeLock, takeServeLock } from "../data/serve-lock.ts";
import { removeServerFile, writeServerFile } from "../data/server-file.ts";
import { type StoreUrls, storeUrls } from "../data/store-urls.ts";
import { environmentChoice, environmentNumber } from "../environment.ts";
import { print, warn } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";
import { keepHeapsSmall, restWhenQuiet } from "./resting.ts";

export interface MetricsCommandOptions {
  /** Port of 127.0.0.1 for `/metrics`; none where it is not given. */
  readonly metricsPort?: number;
  readonly metricsByScope?: boolean;
}

export interface RunServerOptions extends StoreOptions, MetricsCommandOptions {
  readonly bindings: { readonly user?: Binding; readonly compute?: Binding };
  readonly logger: Logger;
  /** Overrides ALCHEMISCALE_COMPUTE_API_REGISTRATION_EXPIRE_SECONDS. */
  readonly registrationExpireSeconds?: number;
  /** Whether this server must be the only one on its data directory. */
  readonly alone: boolean;
}

/**
 * Resolves when the server has been asked to end and has ended.
 * @throws {UsageError} for settings that cannot be; {@link CommandFailure} when another server has the directory; errors of the stores,
 * and `CannotListen`.
 */
export async function runServer(options: RunServerOptions): Promise<void> {
  keepHeapsSmall();
  const urls = storeUrls(options);
  const limits = serverLimits(options);
  const jwtExpireSeconds = environmentNumber("JWT_EXPIRE_SECONDS", 1800, { least: 1 });
  const strictKeys = environmentChoice("ALCHEMISCALE_STRICT_KEYS", "false", ["true", "false"]) === "true";
  const transformationForm = environmentChoice("ALCHEMISCALE_COMPUTE_API_TRANSFORMATION_FORM", "auto", ["auto", "chain", "json"]);
  // Listened for from the start: whoever reads that the server is ready may end it at once.
  const askedToEnd = firstSignal();
  const lock = prepareDirectory(urls, options.alone);
  try {
    const secret = obtainJwtSecret(urls.directory);
    if (secret.warning !== null) warn(secret.warning);
    // Started together: each waits for the disk most of the time.
    const [{ createServer }, stateStore, objectStore] = await Promise.all([
      import("@alchemiscale/server"),
      import("@alchemiscale/statestore").then(({ openStateStore }) =>
        openStateStore(urls.stateStore, { logger: options.logger }),
      ),
      import("@alchemiscale/objectstore").then(({ openObjectStore }) => openObjectStore(urls.objectStore)),
    ]);
    try {
      const { bindings, logger } = options;
      const serverOptions: ServerOptions = {
        stateStore,
        objectStore,
        jwtSecret: secret.secret,
        jwtExpireSeconds,
        limits,
        strictKeys,
        transformationForm,
        logger,
        bindings,
        ...(options.metricsPort === undefined
          ? {}
          : { metrics: { port: options.metricsPort, byScope: options.metricsByScope ?? false } }),
      };
      const server = createServer(serverOptions);
      await server.listen();
      announce(server, urls, stateStore.description, objectStore.description, secret.source);
      if (lock !== undefined) noteServer(urls, server);
      const resting = restWhenQuiet(() => stateStore.rest());
      try {
        await askedToEnd;
        print("Ending …");
        resting.stop();
        await server.close();
      } finally {
        if (lock !== undefined) removeServerFile(urls.directory);
      }
    } finally {
      await Promise.allSettled([stateStore.close(), objectStore.close()]);
    }
  } finally {
    lock?.release();
  }
}

function prepareDirectory(urls: StoreUrls, alone: boolean): ServeLock | undefined {
  if (!urls.stateStoreEmbedded && !urls.objectStoreEmbedded) return undefined;
  createDataDirectory(urls.directory);
  return alone ? takeServeLock(urls.directory) : undefined;
}

function serverLimits(options: RunServerOptions): NonNullable<ServerOptions["limits"]> {
  const prefix = "ALCHEMISCALE_COMPUTE_API_";
  return {
    registrationExpireSeconds:
      options.registrationExpireSeconds ?? environmentNumber(`${prefix}REGISTRATION_EXPIRE_SECONDS`, 1800, { least: 1 }),
    forgiveTimeSeconds: environmentNumber(`${prefix}FORGIVE_TIME_SECONDS`, 600, { least: 0 }),
    maxFailures: environmentNumber(`${prefix}MAX_FAILURES`, 3, { least: 0 }),
    failuresAcrossRegistrations:
      environmentChoice(`${prefix}FAILURES_ACROSS_REGISTRATIONS`, "false", ["true", "false"]) === "true",
    failuresAcrossRegistrations:
      environmentChoice(`${prefix}FAILURES_ACROSS_REGISTRATIONS`, "false", ["true", "false"]) === "true",
    managerExpireSeconds: environmentNumber(`${prefix}MANAGER_EXPIRE_SECONDS`, 3600, { least: 1 }),
    managerExpireErrorSeconds: environmentNumber(`${prefix}MANAGER_EXPIRE_SECONDS_ERROR`, 86_400, { least: 1 }),
    maxResultBytes: environmentNumber(`${prefix}MAX_RESULT_BYTES`, 4 * 1024 ** 3, { least: 1 }),
  };
}

function announce(server: Server, urls: StoreUrls, stateStore: string, objectStore: string, secretSource: string): void {
  const lines: [string, string][] = [];
  if (server.userAddress !== null) lines.push(["user API", style("cyan", server.userAddress)]);
  if (server.computeAddress !== null) lines.push(["compute API", style("cyan", server.computeAddress)]);
  if (server.metricsAddress !== null) lines.push(["metrics", style("cyan", server.metricsAddress)]);
  if (urls.stateStoreEmbedded || urls.objectStoreEmbedded) lines.push(["data directory", urls.directory.path]);
  lines.push(["state store", stateStore], ["object store", objectStore], ["token secret", secretSource]);
  print(style("bold", "alchemiscale is running"));
  for (const [label, value] of lines) print(`  ${style("dim", label.padEnd(15))} ${value}`);
  print(style("dim", "Stop it with Ctrl-C."));
  // Whoever started this process may wait for it to be ready.
  const { userAddress, computeAddress, metricsAddress } = server;
  process.send?.({ userAddress, computeAddress, metricsAddress }, () => process.disconnect?.());
}

function noteServer(urls: StoreUrls, server: Server): void {
  writeServerFile(urls.directory, {
    pid: process.pid,
    userAddress: server.userAddress ?? "",
    computeAddress: server.computeAddress ?? "",
  });
}

/** A second signal, after a second, ends the process at once: a terminal and a parent may both send the first. */
async function firstSignal(): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  await new Promise<void>((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
  const asked = performance.now();
  for (const signal of signals) {
    process.on(signal, () => {
      if (performance.now() - asked > 1000) process.exit(1);
    });
  }
}
