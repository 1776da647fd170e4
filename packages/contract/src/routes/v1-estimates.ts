/** Our own routes for what results say: free energies of Transformations and of networks, and what they cost. */
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { networkParam, pathKeys, transformationParam, userGet } from "../declare-route.ts";
import { ScopedKeyText } from "../wire-types.ts";

export const csvMedia = "text/csv";

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

const numbersOrNull = Type.Array(numberOrNull);

/** How the estimate of a repeat alone changes with the samples used: forward from the beginning, reverse from the end. Null where it failed. */
const Convergence = Type.Object({
  /** Of the samples. */
  fractions: numbersOrNull,
  forward: numbersOrNull,
  forward_error: numbersOrNull,
  reverse: numbersOrNull,
  reverse_error: numbersOrNull,
});

/** How well the repeats were sampled, and what results cost. */
const EstimateDetails = Type.Object({
  results: Type.Array(
    Type.Object({
      result: Type.String(),
      ok: Type.Boolean(),
      /** Wall time of its units. */
      seconds: numberOrNull,
      hardware: textOrNull,
    }),
  ),
  /** In the order of the results; null is what a protocol does not record. */
  repeats: Type.Array(
    Type.Object({
      result: Type.String(),
      leg: textOrNull,
      repeat: Type.String(),
      generation: Type.Integer(),
      convergence: Type.Union([Convergence, Type.Null()]),
      /** The smallest entry beside the diagonal of the overlap matrix; should be at least 0.03. */
      neighbour_overlap: numberOrNull,
      /** The same of the matrix of transitions between replicas. */
      neighbour_exchange: numberOrNull,
      production_iterations: numberOrNull,
      equilibration_iterations: numberOrNull,
    }),
  ),
  /** Results after the first hundred. */
  left_out: Type.Integer(),
});

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
  /** Where they were asked for. */
  details: Type.Optional(EstimateDetails),
  ...upToDate,
});

export type TransformationEstimate = Static<typeof TransformationEstimate>;

export function isTransformationEstimate(value: unknown): value is TransformationEstimate {
  return Check(TransformationEstimate, value);
}

const observable = Type.Union([Type.Literal("binding"), Type.Literal("hydration"), Type.Literal("system")]);

const flagCodes = Type.Array(Type.String({ examples: ["outlier"] }));

/** ΔΔG of two ligands, or ΔG of one. */
const PairEstimate = Type.Object({
  observable,
  /** gufe keys; the difference is that of b less that of a. Null for an absolute value. */
  ligand_a: textOrNull,
  ligand_b: Type.String(),
  name_a: textOrNull,
  name_b: Type.String(),
  protocol: Type.String(),
  estimate: Type.Number(),
  /** Null where nothing gives one. */
  uncertainty: numberOrNull,
  /** Of the leg that has fewest. */
  n_repeats: Type.Integer(),
  /** What the whole network says of it. */
  fitted: Type.Union([Type.Object({ estimate: Type.Number(), uncertainty: numberOrNull }), Type.Null()]),
  /** estimate - fitted, and in standard deviations; null where nothing checks it. */
  residual: numberOrNull,
  standardized: numberOrNull,
  /** The share that it has in what is known of the two; 1 for a bridge. */
  leverage: numberOrNull,
  /** Of the cycles that it is in, divided by the square root of their lengths. */
  closure: Type.Union([Type.Object({ cycles: Type.Integer(), mean: Type.Number(), max: Type.Number() }), Type.Null()]),
  legs: Type.Array(
    Type.Object({
      leg: Type.String(),
      sign: Type.Number(),
      n: Type.Integer(),
      estimate: Type.Number(),
      uncertainty: numberOrNull,
      uncertainty_kind: textOrNull,
      /** gufe keys. */
      transformations: Type.Array(Type.String()),
    }),
  ),
  flags: flagCodes,
});

/** ΔG of a ligand, by maximum likelihood of all pairs. */
const LigandEstimate = Type.Object({
  observable,
  /** gufe key. */
  ligand: Type.String(),
  name: Type.String(),
  /** Values of different components cannot be compared. */
  component: Type.Integer(),
  /** `mean`: relative to the mean of the component; `absolute`: anchored by absolute values. */
  reference: Type.Union([Type.Literal("mean"), Type.Literal("absolute")]),
  estimate: numberOrNull,
  uncertainty: numberOrNull,
  n_pairs: Type.Integer(),
  n_repeats: Type.Integer(),
  /** The largest mean closure of its pairs; null where it is in no cycle. */
  closure: numberOrNull,
  flags: flagCodes,
});

const TransformationRow = Type.Object({
  transformation: ScopedKeyText,
  name: textOrNull,
  protocol: Type.String(),
  /** Where the ligands are; null where it is no leg of a pair. */
  leg: textOrNull,
  estimate: numberOrNull,
  uncertainty: numberOrNull,
  n_results: Type.Integer(),
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  flags: flagCodes,
});

export const NetworkEstimates = Type.Object({
  network: ScopedKeyText,
  unit: energyUnit,
  sigma_policy: Type.String(),
  /** Smaller uncertainties count as this. */
  sigma_floor: Type.Number(),
  ligands: Type.Array(LigandEstimate),
  pairs: Type.Array(PairEstimate),
  components: Type.Array(
    Type.Object({
      observable,
      component: Type.Integer(),
      ligands: Type.Integer(),
      reference: Type.Union([Type.Literal("mean"), Type.Literal("absolute")]),
      chi2: Type.Number(),
      degrees_of_freedom: Type.Integer(),
    }),
  ),
  /** Those that close worst. */
  cycles: Type.Array(
    Type.Object({
      observable,
      ligands: Type.Array(Type.String()),
      closure: Type.Number(),
      per_edge: Type.Number(),
      normalized: numberOrNull,
    }),
  ),
  /** Pairs that lack a leg, or the results of one. */
  incomplete: Type.Array(
    Type.Object({
      protocol: Type.String(),
      ligand_a: textOrNull,
      ligand_b: Type.String(),
      transformations: Type.Array(Type.String()),
      missing: Type.Array(Type.String()),
      waiting: Type.Array(Type.String()),
    }),
  ),
  /** A ligand against itself: should be 0. */
  self_transformations: Type.Array(
    Type.Object({ transformation: Type.String(), ligand: Type.String(), leg: textOrNull, estimate: numberOrNull }),
  ),
  /** Transformations that belong to no pair. */
  unpaired: Type.Array(Type.Object({ transformation: Type.String(), reason: Type.String() })),
  transformations: Type.Object({ total: Type.Integer(), with_results: Type.Integer(), estimated: Type.Integer() }),
  results: Type.Object({ succeeded: Type.Integer(), failed: Type.Integer(), unreadable: Type.Integer() }),
  /** Where it was asked for: what is known of each transformation. */
  by_transformation: Type.Optional(Type.Array(TransformationRow)),
  /** Where it was asked for: of the ligands' values, row after row in the order of `ligands`. */
  covariance: Type.Optional(
    Type.Array(
      Type.Object({
        observable,
        component: Type.Integer(),
        ligands: Type.Array(Type.String()),
        covariance: Type.Array(Type.Array(Type.Number())),
      }),
    ),
  ),
  ...upToDate,
});

export type NetworkEstimates = Static<typeof NetworkEstimates>;

export function isNetworkEstimates(value: unknown): value is NetworkEstimates {
  return Check(NetworkEstimates, value);
}

const costFigures = {
  /** Still to be computed. */
  tasks: Type.Integer(),
  /** GPU hours, and the interval that holds with 90 % probability; null where there is nothing to learn from. */
  hours: numberOrNull,
  low: numberOrNull,
  high: numberOrNull,
  /** What of it was in none of the Tasks learned from. */
  unseen: Type.Array(Type.String()),
};

export const NetworkCost = Type.Object({
  network: ScopedKeyText,
  /** Results wanted of each transformation. */
  wanted: Type.Integer(),
  hardware: textOrNull,
  ...costFigures,
  /** By the results that there are. */
  spent_hours: Type.Number(),
  learned_from: Type.Object({
    tasks: Type.Integer(),
    /** From other networks, as this one has no finished tasks. */
    elsewhere: Type.Boolean(),
    /** The most frequent first. */
    hardware: Type.Array(Type.String()),
  }),
  by_transformation: Type.Optional(
    Type.Array(Type.Object({ transformation: ScopedKeyText, existing: Type.Integer(), ...costFigures })),
  ),
  ...upToDate,
});

export type NetworkCost = Static<typeof NetworkCost>;

export function isNetworkCost(value: unknown): value is NetworkCost {
  return Check(NetworkCost, value);
}

export const v1EstimateRoutes = {
  networkCost: userGet({
    path: "/v1/networks/:network/cost",
    summary: "What a network has cost, and what the results that are still wanted will cost, in GPU hours",
    description:
      "Learned from its finished tasks, or, while it has none, from those of other networks that the caller may see: size of the system, protocol, simulated time, hardware.",
    permission: pathKeys("network"),
    params: networkParam,
    query: {
      wanted: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 1000, default: 3, description: "Results of each transformation" }),
      ),
      hardware: Type.Optional(Type.String({ description: "Model of the GPU; a mixture as so far unless told" })),
      transformations: Type.Optional(Type.Boolean({ default: false })),
      ...freshness,
    },
    reply: NetworkCost,
    errors: "problem",
  }),
  networkEstimates: userGet({
    path: "/v1/networks/:network/estimates",
    summary: "Free energies of a network: of each pair of ligands, and of each ligand",
    description:
      "Answered from the store. Legs make pairs, pairs the values of all ligands by maximum likelihood, each connected component by itself; pairs that are not " +
      "complete are listed. With `Accept: text/csv` or `format=csv` one of the tables: `table=ligands`, `table=pairs` or `table=transformations`.",
    permission: pathKeys("network"),
    params: networkParam,
    query: {
      ...freshness,
      covariance: Type.Optional(Type.Boolean({ default: false })),
      transformations: Type.Optional(Type.Boolean({ default: false })),
      format: Type.Optional(Type.Union([Type.Literal("json"), Type.Literal("csv")])),
      table: Type.Optional(Type.Union([Type.Literal("ligands"), Type.Literal("pairs"), Type.Literal("transformations")])),
    },
    headers: Type.Object({ accept: Type.Optional(Type.String({ examples: ["text/csv"] })) }),
    reply: NetworkEstimates,
    media: ["application/json", csvMedia],
    errors: "problem",
  }),
  transformationEstimate: userGet({
    path: "/v1/transformations/:transformation/estimate",
    summary: "The free energy difference of a transformation, from all its results",
    description:
      "Answered from the store: each result is read once, after it has landed. Results of tasks that were invalidated or deleted since count, as they do in Python.",
    permission: pathKeys("transformation"),
    params: transformationParam,
    query: {
      ...freshness,
      details: Type.Optional(
        Type.Boolean({
          default: false,
          description: "Convergence, overlap and exchange of each repeat, and times of the results; of the first hundred results",
        }),
      ),
    },
    reply: TransformationEstimate,
    errors: "problem",
  }),
} as const;
