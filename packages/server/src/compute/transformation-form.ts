/** Which of two forms of a Transformation a compute service can read (compute-api §3.6). Pure. */
import { isStrictComputeServiceId } from "@alchemiscale/contract";
import type { ServiceGeneration } from "@alchemiscale/statestore";
import type { TransformationForm } from "../server-context.ts";

export interface FormEvidence {
  /** The operator's setting. */
  readonly setting: TransformationForm;
  /** `?form=` of the request. */
  readonly asked: string | undefined;
  /** The raw `Accept-Encoding` lines, in order. */
  readonly acceptEncoding: readonly string[];
  /** Who holds the Task's claim. */
  readonly holder: ServiceGeneration | null;
}

/**
 * `chain`: a keyed chain, for services from 0.8.0 on; `json`: one nested dict as a JSON text, for older ones. No value is readable by
 * both. `overruled` says that the header spoke for one and the service's registration for the other: worth a line in the log.
 */
export function chooseTransformationForm(evidence: FormEvidence): {
  readonly form: "chain" | "json";
  readonly overruled: boolean;
} {
  const decided = (form: "chain" | "json", overruled = false) => ({ form, overruled });
  if (evidence.setting !== "auto") return decided(evidence.setting);
  if (evidence.asked === "chain" || evidence.asked === "json") return decided(evidence.asked);
  const [first, ...others] = evidence.acceptEncoding;
  const generation = evidence.holder === null ? null : formOfGeneration(evidence.holder);
  if (first === "gzip" && others.length === 0) {
    // An empty header lost at one proxy and replaced at the next looks like this too.
    return generation === "json" ? decided("json", true) : decided("chain");
  }
  if (first === "") return decided("json");
  if (generation !== null) return decided(generation);
  return decided(evidence.acceptEncoding.some((line) => line.includes("gzip")) ? "chain" : "json");
}

/** What the bodies that a service has sent tell of its version; null before they tell anything. */
function formOfGeneration(holder: ServiceGeneration): "chain" | "json" | null {
  if (!holder.sentManagerKey || !isStrictComputeServiceId(holder.service) || holder.sentScopesExclude === false) return "json";
  return holder.sentScopesExclude === true ? "chain" : null;
}
