/** `GET /v1/transformations/{transformation}/estimate`: from the store, whatever lies in the object store. */
import type { ReplyOf, userRoutes } from "@alchemiscale/contract";
import type { TransformationDocument } from "../../estimates/transformation-document.ts";
import type { Handler } from "../../transport/handler.ts";
import { notFound } from "../../transport/problem.ts";
import { requireTransformation } from "../require-class.ts";
import { storedDocument } from "./stored-document.ts";

type Route = typeof userRoutes.transformationEstimate;

/** Results that are told about in detail. */
const detailed = 100;

export const transformationEstimate: Handler<Route> = async ({ context, params, query }) => {
  const { transformation } = params;
  requireTransformation(transformation);
  const { estimates } = context.stateStore;
  const stored = await storedDocument(context, () => estimates.ofTransformation(transformation), query.wait);
  if (stored === null) throw notFound(transformation);
  const document = stored.text === null ? null : (JSON.parse(stored.text) as TransformationDocument);
  const results = document?.results ?? [];
  const details = query.details && {
    details: {
      results: results.slice(0, detailed).map((result) => ({ ...result })),
      repeats: await context.estimator.repeatDetails(transformation, detailed),
      left_out: Math.max(0, results.length - detailed),
    },
  };
  return { transformation, ...figures(document), ...details, ...stored.upToDate };
};

type Figures = Omit<ReplyOf<Route>, "details" | "transformation" | "up_to_date" | "unread">;

const nothing: Figures = {
  protocol: "",
  unit: "kilocalorie_per_mole",
  estimate: null,
  uncertainty: null,
  uncertainty_kind: "repeat-sd",
  method: "none",
  n_results: 0,
  per_repeat: [],
  per_leg: [],
  overlap: null,
  flags: [],
  succeeded: 0,
  failed: 0,
  failures: [],
  unreadable: [],
  seconds: null,
  digest: null,
};

function figures(document: TransformationDocument | null): Figures {
  if (document === null) return nothing;
  const { estimate, results, failures, unreadable, digest } = document;
  const timed = results.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
  return {
    protocol: estimate.protocol,
    unit: "kilocalorie_per_mole",
    estimate: estimate.estimate,
    uncertainty: estimate.uncertainty,
    uncertainty_kind: estimate.uncertaintyKind,
    method: estimate.method,
    n_results: estimate.n,
    per_repeat: estimate.perRepeat.map(({ resultKey, leg, repeatId, generation, estimate: value, error, overlap }) => ({
      result: resultKey,
      leg,
      repeat: repeatId,
      generation,
      estimate: value,
      error,
      overlap,
    })),
    per_leg: [...estimate.perLeg],
    overlap: estimate.overlap,
    flags: [...estimate.flags],
    succeeded: results.filter(({ ok }) => ok).length,
    failed: results.filter(({ ok }) => !ok).length,
    failures: [...failures],
    unreadable: [...unreadable],
    seconds: timed.length === 0 ? null : timed.reduce((sum, value) => sum + value, 0),
    digest,
  };
}
