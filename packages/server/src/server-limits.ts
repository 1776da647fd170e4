/** What a server allows, and the times it goes by. */
export interface ServerLimits {
  /** JSON bodies other than networks and results, unpacked. */
  readonly maxBodyBytes: number;
  /** Bodies that hold a network or a strategy, unpacked. Strings end at half a GiB. */
  readonly maxChainBytes: number;
  /** Bodies that hold a result: of the request unpacked, and of each layer inside it. */
  readonly maxResultBytes: number;
  /** One file that is kept beside a result. */
  readonly maxKeptFileBytes: number;
  /** Days after which files that are kept beside results are removed; 0 = never. */
  readonly keptFilesDays: number;
  /** Bytes of all kept files together, above which the oldest are removed; 0 = no limit. */
  readonly keptFilesBytes: number;
  /** How long each further 16 KiB of a request's body may take to come; a slower sender gets 408. */
  readonly uploadPatienceSeconds: number;
  /** How long a server that ends waits for requests that are being answered. */
  readonly graceSeconds: number;
  /** Tasks created, or claimed, in one call. */
  readonly maxTasksPerCall: number;
  /** A compute service without a heartbeat for this long is gone; its Tasks wait again. */
  readonly registrationExpireSeconds: number;
  /** Failures older than this no longer count against a compute service. */
  readonly forgiveTimeSeconds: number;
  /** More failures than this within that time, and the service gets no Tasks. */
  readonly maxFailures: number;
  /** Count the failures of the same identity, name (of the manager, else of the service) and host, not only those of the registration. */
  readonly failuresAcrossRegistrations: boolean;
  /** A compute manager in OK that has not reported for this long is gone. */
  readonly managerExpireSeconds: number;
  /** The same for one in ERROR, which is kept for longer so that somebody sees it. */
  readonly managerExpireErrorSeconds: number;
}

/** Defaults of compute-api §10, and generous bounds where the Python server has none. */
export const defaultLimits: ServerLimits = {
  maxBodyBytes: 64 * 1024 ** 2,
  maxChainBytes: 500 * 1024 ** 2,
  maxResultBytes: 4 * 1024 ** 3,
  maxKeptFileBytes: 256 * 1024 ** 2,
  keptFilesDays: 90,
  keptFilesBytes: 50 * 1024 ** 3,
  uploadPatienceSeconds: 60,
  graceSeconds: 25,
  maxTasksPerCall: 100_000,
  registrationExpireSeconds: 1800,
  forgiveTimeSeconds: 600,
  maxFailures: 3,
  failuresAcrossRegistrations: false,
  managerExpireSeconds: 3600,
  managerExpireErrorSeconds: 86_400,
};
