import type { ObjectStore } from "@alchemiscale/objectstore";
import type { StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";
import type { LoginRealm } from "./auth/login-realm.ts";
import type { Estimator } from "./estimates/estimator.ts";
import type { Measurements } from "./metrics/measurements.ts";
import type { ServerLimits } from "./server-limits.ts";
import type { KeyAudit } from "./submission/key-audit.ts";
import type { Live } from "./v1/live.ts";
import type { WorkerThreads } from "./worker-threads.ts";

/** Which form of a Transformation compute services get (compute-api §3.6): by the evidence of each request, or always one. */
export type TransformationForm = "auto" | "chain" | "json";

/** What handlers work with: the two stores, what one process shares, and the logins of the API that the call came in on. */
export interface ServerContext extends LoginRealm {
  readonly stateStore: StateStore;
  readonly objectStore: ObjectStore;
  readonly limits: ServerLimits;
  readonly logger: FastifyBaseLogger;
  /** Refuse networks with a key that is provably not that of its content, instead of logging it. */
  readonly strictKeys: boolean;
  readonly transformationForm: TransformationForm;
  readonly workers: WorkerThreads;
  readonly keyAudit: KeyAudit;
  /** Logins of administrators: the same on every API, and good for neither of them. */
  readonly admin: LoginRealm;
  readonly measurements: Measurements;
  readonly estimator: Estimator;
  /** Whoever waits for something to happen. */
  readonly live: Live;
  /** Aborted when the server begins to end: whoever waits for something (a stream of events, a Task that may come) answers now. */
  readonly closing: AbortSignal;
}
