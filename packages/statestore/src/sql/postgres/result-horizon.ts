import { horizonOf } from "./horizon-of.ts";

/** The first 16 bits of the keys of advisory locks that hold a number of a result in the other 48. Part of the schema. */
export const resultHorizonTag = 0x616dn;

/** The last id up to which results are complete. In mode `follow`. */
export const resultHorizon = horizonOf("result", resultHorizonTag);
