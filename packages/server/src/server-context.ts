import type { ObjectStore } from "@alchemiscale/objectstore";
import type { StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";
import type { CredentialCheck } from "./auth/credential-check.ts";
import type { FailedLogins } from "./auth/failed-logins.ts";
import type { Tokens } from "./auth/tokens.ts";
import type { ServerLimits } from "./server-limits.ts";
import type { KeyAudit } from "./submission/key-audit.ts";
import type { WorkerThreads } from "./worker-threads.ts";

/** Which form of a Transformation compute services get (compute-api §3.6): by the evidence of each request, or always one. */
export type TransformationForm = "auto" | "chain" | "json";

/** What handlers work with: the two stores and what one process shares. */
export interface ServerContext {
  readonly stateStore: StateStore;
  readonly objectStore: ObjectStore;
  readonly limits: ServerLimits;
  readonly logger: FastifyBaseLogger;
  /** Refuse networks with a key that is provably not that of its content, instead of logging it. */
  readonly strictKeys: boolean;
  readonly transformationForm: TransformationForm;
  readonly workers: WorkerThreads;
  readonly keyAudit: KeyAudit;
  /** Of the API that the call came in on. */
  readonly tokens: Tokens;
  readonly credentials: CredentialCheck;
  readonly failedLogins: FailedLogins;
  /** When this process began to serve, in milliseconds since 1970. */
  readonly started: number;
}
