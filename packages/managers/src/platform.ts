import type { ComputeManagerId, ComputeServiceId } from "@alchemiscale/contract";

/** What a platform is asked for. */
export interface PlatformRequest {
  readonly manager: ComputeManagerId;
  /** Services to start, more than 0. */
  readonly count: number;
}

/** Where services run: processes of this host, jobs of a scheduler, pods. */
export interface Platform {
  /**
   * Names of services that were started here and have not ended, registered or not; the server knows only those that are registered.
   * Throws where something is wrong that a person must look at: the manager reports it as its error.
   */
  active(): Promise<readonly string[]>;
  /** Starts services; the names of those that were really started. */
  create(request: PlatformRequest): Promise<readonly string[]>;
  /** The manager ends: what happens to services is the platform's own. */
  close(): Promise<void>;
}

/** Name of a service: a manager's name and a UUID, so that it can be told whose it is. */
export function serviceNameOf(service: ComputeServiceId): string {
  return service.slice(0, service.indexOf("-"));
}
