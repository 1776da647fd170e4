/** Runs one API, or both, over the stores of a command until a signal comes. */
import cluster from "node:cluster";
import type { Api } from "@alchemiscale/contract";
import type { Binding, Server, ServerOptions } from "@alchemiscale/server";
import type { Logger } from "pino";
import { takeApiLocks } from "../data/api-locks.ts";
import { createDataDirectory } from "../data/data-directory.ts";
import type { FileLock } from "../data/file-lock.ts";
import { obtainJwtSecret } from "../data/jwt-secret.ts";
import { tellBackup } from "../data/open-stores.ts";
import { takeServeLock } from "../data/serve-lock.ts";
import { removeServerFile, writeServerFile } from "../data/server-file.ts";
import type { ServingOptions } from "../data/store-options.ts";
import type { StoreUrls } from "../data/store-urls.ts";
import { environmentChoice, environmentNumber } from "../environment.ts";
import { createPythonProposer, openAnalysisPython } from "../python/analysis-python.ts";
import { print, warn } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";
import { announce } from "./announce.ts";
import { firstSignal } from "./first-signal.ts";
import { letThreadsCollect, restWhenQuiet } from "./resting.ts";
import { servedStores } from "./served-stores.ts";
import { type StrategistChoice, startStrategist } from "./start-strategist.ts";
import { answerWatcher } from "./watch-worker.ts";
import { workerRole } from "./worker-role.ts";

export interface MetricsCommandOptions {
  /** Port of 127.0.0.1 for `/metrics`; none where it is not given. */
  readonly metricsPort?: number;
  readonly metricsByScope?: boolean;
}

export interface RunServerOptions extends ServingOptions, MetricsCommandOptions {
  readonly bindings: { readonly user?: Binding; readonly compute?: Binding };
  readonly logger: Logger;
  /** Overrides ALCHEMISCALE_COMPUTE_API_REGISTRATION_EXPIRE_SECONDS. */
  readonly registrationExpireSeconds?: number;
  /** Whether this server must be the only one on its data directory. */
  readonly alone: boolean;
  /** Whether strategies are executed here; undefined: not. */
  readonly strategist?: StrategistChoice | undefined;
  /** For requests in progress at the end; the server's own unless told. */
  readonly graceSeconds?: number | undefined;
}

/**
 * Resolves when the server has been asked to end and has ended.
 * @throws {UsageError} for settings that cannot be; {@link CommandFailure} when another server has the directory; errors of the stores,
 * and `CannotListen`.
 */
export async function runServer(options: RunServerOptions): Promise<void> {
  letThreadsCollect();
  const urls = servedStores({ ...options, workers: 1 });
  const limits = serverLimits(options);
  const jwtExpireSeconds = environmentNumber("JWT_EXPIRE_SECONDS", 1800, { least: 1 });
  const strictKeys = environmentChoice("ALCHEMISCALE_STRICT_KEYS", "false", ["true", "false"]) === "true";
  const transformationForm = environmentChoice("ALCHEMISCALE_COMPUTE_API_TRANSFORMATION_FORM", "auto", ["auto", "chain", "json"]);
  // Listened for from the start: whoever reads that the server is ready may end it at once.
  const askedToEnd = firstSignal();
  const lock = prepareDirectory(urls, options.alone);
  let apiLocks: FileLock | undefined;
  try {
    apiLocks = takeApiLocks(urls.stateStore, Object.keys(options.bindings) as Api[]);
    const secret = obtainJwtSecret(urls.directory);
    if (secret.warning !== null) warn(secret.warning);
    // Started together: each waits for the disk most of the time.
    const [{ createServer }, stateStore, objectStore] = await Promise.all([
      import("@alchemiscale/server"),
      import("@alchemiscale/statestore").then(({ openStateStore }) =>
        openStateStore(urls.stateStore, { logger: options.logger, onBackup: tellBackup }),
      ),
      import("@alchemiscale/objectstore").then(({ openObjectStore }) => openObjectStore(urls.objectStore)),
    ]);
    const python = await openAnalysisPython({}, (text) => options.logger.info({ python: text }, "analysis Python"));
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
        ...(python && { gatherer: python }),
        ...(options.metricsPort === undefined
          ? {}
          : { metrics: { port: metricsPortOfWorker(options.metricsPort), byScope: options.metricsByScope ?? false } }),
      };
      const server = createServer(serverOptions);
      await server.listen();
      answerWatcher();
      announceServer(server, urls, stateStore.description, objectStore.description, secret.source);
      if (lock !== undefined) noteServer(urls, server);
      const resting = restWhenQuiet(() => stateStore.rest());
      const proposer = python && (await createPythonProposer({ stateStore, objectStore }, python));
      const strategist =
        options.strategist === undefined ? undefined : startStrategist(options.strategist, stateStore, logger, proposer);
      try {
        await askedToEnd;
        if (!cluster.isWorker) print("Ending …");
        resting.stop();
        await (await strategist)?.stop();
        await server.close();
      } finally {
        if (lock !== undefined) removeServerFile(urls.directory);
      }
    } finally {
      await Promise.allSettled([python?.close(), stateStore.close(), objectStore.close()]);
    }
  } finally {
    apiLocks?.release();
    lock?.release();
  }
}

function prepareDirectory(urls: StoreUrls, alone: boolean): FileLock | undefined {
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
    managerExpireSeconds: environmentNumber(`${prefix}MANAGER_EXPIRE_SECONDS`, 3600, { least: 1 }),
    managerExpireErrorSeconds: environmentNumber(`${prefix}MANAGER_EXPIRE_SECONDS_ERROR`, 86_400, { least: 1 }),
    maxResultBytes: environmentNumber(`${prefix}MAX_RESULT_BYTES`, 4 * 1024 ** 3, { least: 1 }),
    keptFilesDays: environmentNumber(`${prefix}KEPT_FILES_DAYS`, 90, { least: 0 }),
    keptFilesBytes: environmentNumber(`${prefix}KEPT_FILES_BYTES`, 50 * 1024 ** 3, { least: 0 }),
    ...(options.graceSeconds === undefined ? {} : { graceSeconds: options.graceSeconds }),
  };
}

/** Each worker has its own figures, and so its own port: that given and those after it. */
function metricsPortOfWorker(port: number): number {
  return port === 0 ? 0 : port + (workerRole()?.slot ?? 0);
}

function announceServer(server: Server, urls: StoreUrls, stateStore: string, objectStore: string, secretSource: string): void {
  const lines: [string, string][] = [];
  if (server.userAddress !== null) lines.push(["user API", style("cyan", server.userAddress)]);
  if (server.computeAddress !== null) lines.push(["compute API", style("cyan", server.computeAddress)]);
  if (server.metricsAddress !== null) lines.push(["metrics", style("cyan", server.metricsAddress)]);
  if (urls.stateStoreEmbedded || urls.objectStoreEmbedded) lines.push(["data directory", urls.directory.path]);
  lines.push(["state store", stateStore], ["object store", objectStore], ["token secret", secretSource]);
  const { userAddress, computeAddress, metricsAddress } = server;
  announce({ userAddress, computeAddress, metricsAddress, lines });
}

function noteServer(urls: StoreUrls, server: Server): void {
  writeServerFile(urls.directory, {
    pid: process.pid,
    userAddress: server.userAddress ?? "",
    computeAddress: server.computeAddress ?? "",
  });
}
