/** Our own routes for what results say: free energies of Transformations and of networks, and what they cost. */
import { type Static, Type } from "typebox";
import { pathKeys, transformationParam, userGet } from "../declare-route.ts";
import { ScopedKeyText } from "../wire-types.ts";

const numberOrNull = Type.Union([Type.Number(), Type.Null()]);
const textOrNull = Type.Union([Type.String(), Type.Null()]);

/** Energies are in kcal/mol throughout. */
const energyUnit = Type.Literal("kilocalorie_per_mole");

const Flag = Type.Object({
  /** For programs. */
  code: Type.String({ examples: ["poor-overlap"] }),
  message: Type.String(),
});

const FailureCount = Type.Object({
  /** The last line of the traceback. */
  reason: Type.String(),
  count: Type.Integer(),
});

const UnreadableResult = Type.Object({
  /** gufe key of the ProtocolDAGResult. */
  result: Type.String(),
  code: Type.String({ examples: ["malformed"] }),
  message: Type.String(),
});

/** Whether everything that has landed is part of the answer. */
const upToDate = {
  up_to_date: Type.Boolean(),
  /** Results that have not been read yet. */
  unread: Type.Integer(),
};

const freshness = {
  wait: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 60,
      default: 0,
      description: "Seconds to wait for results that have landed and are not part of it yet",
    }),
  ),
};

export const TransformationEstimate = Type.Object({
  transformation: ScopedKeyText,
  protocol: Type.String(),
  unit: energyUnit,
  /** Null where there is none; the flags say why. */
  estimate: numberOrNull,
  uncertainty: numberOrNull,
  uncertainty_kind: Type.String({ examples: ["repeat-sd"] }),
  method: Type.String({ examples: ["mean-of-repeats"] }),
  /** Results that the estimate was made of. Those of Tasks that were invalidated or deleted since count, as they do in Python. */
  n_results: Type.Integer(),
  per_repeat: Type.Array(
    Type.Object({
      result: Type.String(),
      leg: textOrNull,
      repeat: Type.String(),
      generation: Type.Integer(),
      estimate: Type.Number(),
      error: numberOrNull,
      overlap: numberOrNull,
    }),
  ),
  per_leg: Type.Array(
    Type.Object({
      leg: textOrNull,
      n: Type.Integer(),
      mean: Type.Number(),
      sd: Type.Number(),
      error: numberOrNull,
      /** +1 or -1: how it enters the estimate. */
      sign: Type.Number(),
    }),
  ),
  /** The lowest of all repeats. */
  overlap: numberOrNull,
  flags: Type.Array(Flag),
  /** Results that are ok, and those that are not. */
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  failures: Type.Array(FailureCount),
  unreadable: Type.Array(UnreadableResult),
  /** Wall time of the units of all results; null where none says it. */
  seconds: numberOrNull,
  digest: textOrNull,
  ...upToDate,
});

export type TransformationEstimate = Static<typeof TransformationEstimate>;

export const v1EstimateRoutes = {
  transformationEstimate: userGet({
    path: "/v1/transformations/:transformation/estimate",
    summary: "The free energy difference of a transformation, from all its results",
    description:
      "Answered from the store: each result is read once, after it has landed. Results of tasks that were invalidated or deleted since count, as they do in Python.",
    permission: pathKeys("transformation"),
    params: transformationParam,
    query: freshness,
    reply: TransformationEstimate,
    errors: "problem",
  }),
} as const;
