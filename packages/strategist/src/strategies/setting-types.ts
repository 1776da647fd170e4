/** Schemas of settings that several strategies have. */
import { type TSchema, Type } from "typebox";

/** A factor for each result that there is. */
export function decayRate(description: string) {
  return Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.5, description });
}

/** Ends a strategy: every strategy has some such number. */
export function maxRuns(defaultRuns: number) {
  return Type.Integer({ minimum: 1, default: defaultRuns, description: "a Transformation with so many results is done" });
}

/** Where Python takes infinity for a number; JSON Schema's numbers are finite. */
export const infinity = Type.Refine(Type.Unsafe<number>({}), (value) => value === Number.POSITIVE_INFINITY);

/** A setting that is off, null, unless given. */
export function orNull<S extends TSchema>(schema: S, description: string) {
  return Type.Union([schema, Type.Null()], { default: null, description });
}

/** The Python module of the strategies that are ours; it never changes, since it is part of every key. */
export const nativeModule = "alchemiscale_strategies";

export const priorSpread = Type.Number({
  exclusiveMinimum: 0,
  default: 0.5,
  description: "kcal/mol; standard deviation of one result that is assumed before there are results",
});

export const priorSolventSpread = Type.Number({
  exclusiveMinimum: 0,
  default: 0.2,
  description: "the same of legs in solvent and vacuum",
});

export const priorResults = Type.Number({
  exclusiveMinimum: 0,
  default: 3,
  description: "how many results the assumed standard deviation counts as",
});
