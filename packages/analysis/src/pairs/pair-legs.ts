import { compareCodePoints } from "@alchemiscale/gufe";
import { mean } from "../numerics/mean-and-deviation.ts";
import type { LegEstimate, RepeatEstimate, TransformationEstimate } from "../readings/transformation-estimate.ts";
import { ligandIdentities } from "./ligand-identities.ts";
import { type RepeatDisagreement, repeatDisagreement } from "./repeat-disagreement.ts";
import { type LegSigma, legSigma, type Repeat, type SigmaPolicy } from "./sigma-policy.ts";
import type { Ligand, TransformationRole } from "./transformation-role.ts";

/** What pairs need of a Transformation's estimate. */
export interface EstimateOfRepeats extends Pick<TransformationEstimate, "method" | "estimate" | "uncertainty"> {
  readonly perRepeat: readonly Pick<RepeatEstimate, "leg" | "estimate" | "error">[];
  readonly perLeg: readonly Pick<LegEstimate, "leg" | "sign">[];
}

/** A Transformation with what is known of it. */
export interface EstimatedTransformation {
  readonly key: string;
  /** Class name of its protocol: legs are paired within one protocol, as what they leave out cancels only there. */
  readonly protocol: string;
  readonly role: TransformationRole;
  /** null where it has no results yet. */
  readonly estimate: EstimateOfRepeats | null;
}

export type Observable = "binding" | "hydration" | "system";

/** One environment of a pair: all repeats of all Transformations that compute it. kcal/mol. */
export interface PairLeg extends LegSigma {
  readonly leg: string;
  /** How it enters the pair's value. */
  readonly sign: 1 | -1;
  readonly n: number;
  /** Mean of the repeats, in the direction of the pair. */
  readonly value: number;
  readonly repeats: readonly Repeat[];
  readonly disagreement: RepeatDisagreement | null;
  /** Keys, those that go the other way included. */
  readonly transformations: readonly string[];
}

/** ΔΔG = ΔG(to) − ΔG(from), or the absolute ΔG(to) where `from` is null. kcal/mol. */
export interface FreeEnergyPair {
  /** The same for the same observable, protocol and ligands. */
  readonly id: string;
  readonly observable: Observable;
  readonly protocol: string;
  /** Keys of ligands. */
  readonly from: string | null;
  readonly to: string;
  readonly value: number;
  /** Legs in quadrature; null where one is not known. */
  readonly sigma: number | null;
  readonly legs: readonly PairLeg[];
}

/** A pair of which something is missing. */
export interface IncompletePair {
  readonly protocol: string;
  readonly from: string | null;
  readonly to: string;
  /** Transformations that there are, with or without an estimate. */
  readonly transformations: readonly string[];
  /** Legs that no Transformation computes: one of each list is needed. */
  readonly missing: readonly string[];
  /** Legs whose Transformations have no estimate yet. */
  readonly waiting: readonly string[];
}

/** A ligand against itself: should be 0. */
export interface SelfTransformation {
  readonly transformation: string;
  readonly ligand: string;
  readonly leg: string | null;
  readonly value: number | null;
}

export interface NetworkPairs {
  readonly policy: SigmaPolicy;
  /** In the order in which Transformations have them. */
  readonly ligands: readonly Ligand[];
  readonly pairs: readonly FreeEnergyPair[];
  readonly incomplete: readonly IncompletePair[];
  readonly selfTransformations: readonly SelfTransformation[];
  /** Transformations that belong to no pair, and why. */
  readonly unpaired: readonly { readonly transformation: string; readonly reason: string }[];
}

/** Observables as signed sums of environments. */
const cycles: readonly { readonly observable: Observable; readonly plus: string; readonly minus: string }[] = [
  { observable: "binding", plus: "complex", minus: "solvent" },
  { observable: "hydration", plus: "solvent", minus: "vacuum" },
];

/**
 * Transformations put together to what chemists ask for:
 *
 *     ΔΔG_bind(A→B) = ΔG_complex − ΔG_solvent      ΔΔG_hyd(A→B) = ΔG_solvent − ΔG_vacuum      σ = √(σ₁² + σ₂²)
 *
 * Ligands are the same by key, or by name where names are unambiguous. Legs that were computed from B to A count with the other sign; all repeats of a leg are
 * pooled. A pair has the direction of its first Transformation. (openfe gather; spec/analysis.md §4)
 */
export function pairLegs(transformations: readonly EstimatedTransformation[], policy: SigmaPolicy = "repeat-sd"): NetworkPairs {
  const identities = ligandIdentities(transformations.map(({ role }) => role));
  const ligands = new Map<string, Ligand>();
  const groups = new Map<string, Group>();
  const selfTransformations: SelfTransformation[] = [];
  const unpaired: { transformation: string; reason: string }[] = [];
  for (const transformation of transformations) {
    const { key, protocol, role, estimate } = transformation;
    if (role.kind === "none") {
      unpaired.push({ transformation: key, reason: role.reason });
      continue;
    }
    const named = role.kind === "absolute" ? [role.ligand] : [role.ligandA, role.ligandB];
    const own = named.map((ligand) => {
      const identity = identities.get(ligand.key) ?? ligand.key;
      if (!ligands.has(identity)) ligands.set(identity, { key: identity, name: ligand.name });
      return identity;
    });
    const [from, to] = own.length === 1 ? [null, own[0] as string] : [own[0] as string, own[1] as string];
    if (from === to) {
      const leg = role.kind === "leg" ? role.leg : null;
      selfTransformations.push({ transformation: key, ligand: to, leg, value: estimate?.estimate ?? null });
      continue;
    }
    const ends = [from ?? "", to].sort(compareCodePoints);
    // Legs of all environments meet in one group; the others are observables by themselves.
    const kind = role.kind === "leg" ? "leg" : role.kind === "absolute" ? role.observable : role.kind;
    const id = JSON.stringify([kind, protocol, ...ends]);
    const group = groups.get(id) ?? { id, protocol, role, from, to, environments: new Map() };
    groups.set(id, group);
    addTo(group, transformation, group.from === from ? 1 : -1);
  }
  const found = [...groups.values()].map((group) => pairsOf(group, policy));
  return {
    policy,
    ligands: [...ligands.values()],
    pairs: found.flatMap(({ pairs }) => pairs),
    incomplete: found.flatMap(({ incomplete }) => incomplete),
    selfTransformations,
    unpaired,
  };
}

/** All Transformations of one pair and protocol. */
interface Group {
  readonly id: string;
  readonly protocol: string;
  readonly role: TransformationRole;
  readonly from: string | null;
  readonly to: string;
  readonly environments: Map<string, Environment>;
}

interface Environment {
  readonly sign: 1 | -1;
  readonly repeats: Repeat[];
  readonly transformations: string[];
}

/** The leg of observables that are computed as a whole, and have no environments of their own. */
const whole = "whole";

function addTo(group: Group, { key, role, estimate }: EstimatedTransformation, direction: 1 | -1): void {
  const environmentOf = (leg: string, sign: 1 | -1): Environment => {
    const environment = group.environments.get(leg) ?? { sign, repeats: [], transformations: [] };
    group.environments.set(leg, environment);
    if (!environment.transformations.includes(key)) environment.transformations.push(key);
    return environment;
  };
  const own = role.kind === "leg" ? role.leg : whole;
  if (estimate === null || estimate.estimate === null) {
    environmentOf(own, 1);
    return;
  }
  if (estimate.method !== "mean-of-repeats") {
    environmentOf(own, 1).repeats.push({ value: direction * estimate.estimate, error: estimate.uncertainty });
    return;
  }
  const signs = new Map(estimate.perLeg.map(({ leg, sign }) => [leg, sign]));
  for (const { leg, estimate: value, error } of estimate.perRepeat)
    environmentOf(leg ?? own, signs.get(leg) ?? 1).repeats.push({ value: direction * value, error });
}

function pairsOf(group: Group, policy: SigmaPolicy): Pick<NetworkPairs, "pairs" | "incomplete"> {
  const { role, environments } = group;
  if (role.kind !== "leg") {
    // A Transformation that waits beside others of the pair adds nothing.
    const known = [...environments].filter(([, { repeats }]) => repeats.length > 0);
    if (known.length === 0) return { pairs: [], incomplete: [incompletePair(group, [], ["results"])] };
    const observable = role.kind === "system-difference" ? "system" : role.kind === "absolute" ? role.observable : "binding";
    return {
      pairs: [
        pairOf(
          group,
          observable,
          known.map(([leg, environment]) => pairLeg(leg, environment.sign, environment, policy)),
        ),
      ],
      incomplete: [],
    };
  }
  const present = cycles.filter(({ plus, minus }) => environments.has(plus) && environments.has(minus));
  const complete = present.filter(({ plus, minus }) =>
    [plus, minus].every((leg) => (environments.get(leg)?.repeats.length ?? 0) > 0),
  );
  const pairs = complete.map(({ observable, plus, minus }) =>
    pairOf(group, observable, [
      pairLeg(plus, 1, environments.get(plus) as Environment, policy),
      pairLeg(minus, -1, environments.get(minus) as Environment, policy),
    ]),
  );
  if (present.length === complete.length && present.length > 0) return { pairs, incomplete: [] };
  const missing = present.length > 0 ? [] : environments.has("solvent") ? ["complex", "vacuum"] : ["solvent"];
  const waiting = [...environments].filter(([, { repeats }]) => repeats.length === 0).map(([leg]) => leg);
  return { pairs, incomplete: [incompletePair(group, missing, waiting)] };
}

function incompletePair({ protocol, from, to, environments }: Group, missing: string[], waiting: string[]): IncompletePair {
  const transformations = [...environments.values()].flatMap((environment) => environment.transformations);
  return { protocol, from, to, transformations, missing, waiting };
}

function pairLeg(leg: string, sign: 1 | -1, { repeats, transformations }: Environment, policy: SigmaPolicy): PairLeg {
  return {
    leg,
    sign,
    n: repeats.length,
    value: mean(repeats.map(({ value }) => value)),
    ...legSigma(repeats, policy),
    repeats,
    disagreement: repeatDisagreement(repeats),
    transformations,
  };
}

function pairOf({ id, protocol, from, to }: Group, observable: Observable, legs: readonly PairLeg[]): FreeEnergyPair {
  const known = legs.every(({ sigma }) => sigma !== null);
  return {
    id: `${observable} ${id}`,
    observable,
    protocol,
    from,
    to,
    value: legs.reduce((sum, { sign, value }) => sum + sign * value, 0),
    sigma: known ? Math.hypot(...legs.map(({ sigma }) => sigma ?? NaN)) : null,
    legs,
  };
}
