import type { ComputeServiceId } from "@alchemiscale/contract";

const uuid = /-(?:urn:)?(?:uuid:)?\{?(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;

/** What of a compute service's id stays the same when it starts again: all but the UUID (compute-api §2). */
export function serviceName(service: ComputeServiceId | string): string {
  return service.replace(uuid, "");
}
