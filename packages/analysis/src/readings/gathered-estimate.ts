import type { Flag } from "./flag.ts";
import { noEstimate, type TransformationEstimate } from "./transformation-estimate.ts";

/** What the Python class of a Protocol has made of results, or why it has not. kcal/mol. */
export type GatheredEstimate =
  | {
      readonly estimate: number | null;
      readonly uncertainty: number | null;
      /** gufe keys of the results, each once. */
      readonly resultKeys: readonly string[];
      /** What is wrong with it, for people. */
      readonly problems: readonly string[];
    }
  | { readonly error: string };

/**
 * The estimate of a Transformation whose protocol has no reader here: that of its Python class (`gather`, `get_estimate`, `get_uncertainty`), or none and
 * why. What its uncertainty means is the class's own.
 */
export function estimateOfGathered(protocol: string, gathered: GatheredEstimate): TransformationEstimate {
  const unknown = `there is no reader for results of ${protocol}`;
  if ("error" in gathered)
    return { ...noEstimate(protocol), flags: [{ code: "unknown-protocol", message: `${unknown}; ${gathered.error}` }] };
  const { estimate, uncertainty, resultKeys, problems } = gathered;
  const flags = problems.map((message): Flag => ({ code: "python-problem", message }));
  if (estimate === null && flags.length === 0)
    flags.push({ code: "missing-estimate", message: "the Python class gives no estimate" });
  const sorted = [...resultKeys].sort();
  return {
    ...noEstimate(protocol),
    method: "python",
    uncertaintyKind: "python",
    estimate,
    uncertainty: estimate === null ? null : uncertainty,
    n: sorted.length,
    resultKeys: sorted,
    flags,
  };
}
