import { horizonOf } from "./horizon-of.ts";

/** The first 16 bits of the keys of advisory locks that hold a number of an event in the other 48. Part of the schema. */
export const horizonTag = 0x616cn;

/** The last id up to which the event log is complete. In mode `follow`. */
export const eventHorizon = horizonOf("event", horizonTag);
