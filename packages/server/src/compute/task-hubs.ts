/** `GET /taskhubs` (compute-api §3.3). */
import type { computeRoutes } from "@alchemiscale/contract";
import { queriedScopes } from "../transport/access.ts";
import type { Handler } from "../transport/handler.ts";

export const queryTaskHubs: Handler<typeof computeRoutes.queryTaskHubs> = async ({ context, query, caller }) => {
  const found = await context.stateStore.hubs.query({ scopes: queriedScopes(caller, query) });
  if (query.return_gufe !== true) return found.map(({ hub }) => hub);
  return Object.fromEntries(found.map(({ hub, network, weight }) => [hub, hubText(network, weight)]));
};

/** The hub as Python clients decode it; the weight stays a float to their JSON reader. */
function hubText(network: string, weight: number): string {
  const float = Number.isInteger(weight) ? `${weight}.0` : String(weight);
  return `{"network": ${JSON.stringify(network)}, "weight": ${float}, "__qualname__": "TaskHub", "__module__": "alchemiscale.storage.models", ":version:": 1}`;
}
