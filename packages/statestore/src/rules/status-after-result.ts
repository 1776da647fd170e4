import type { TaskStatus } from "@alchemiscale/contract";

/**
 * Where a posted result moves its Task (compute-api §7); null: nowhere, the result is kept all the same.
 *
 * An ok result completes a running Task, whoever sends it. A failed one of a service whose claim has passed to another must not end that
 * one's work [D12]; `"None"`, what a service without an id sends, counts as the claimant.
 */
export function statusAfterResult(
  status: TaskStatus,
  ok: boolean,
  claim: { readonly holder: string | null; readonly poster: string },
): "complete" | "error" | null {
  if (ok) return status === "running" ? "complete" : null;
  if (status === "error") return "error";
  const another = claim.holder !== null && claim.holder !== claim.poster && claim.poster !== "None";
  return status === "running" && !another ? "error" : null;
}
