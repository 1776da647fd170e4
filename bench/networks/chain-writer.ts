import { type ChainEntry, parseJson, verifyKey, writeJson } from "@alchemiscale/gufe";

/** How one gufe object refers to another. */
export interface Reference {
  readonly ":gufe-key:": string;
}

/** A keyed dict of plain values: numbers are written as JavaScript does. */
export type Dict = Readonly<Record<string, unknown>> & { readonly __qualname__: string };

/** Writes objects that are made up here as the entries of a keyed chain, with the keys that Python computes for them. */
export class ChainWriter {
  readonly entries: Pick<ChainEntry, "key" | "text">[] = [];

  /** Of what it refers to, everything must have been added before. */
  add(dict: Dict): Reference {
    const text = writeJson(parseJson(JSON.stringify(dict)));
    const { computed } = verifyKey({ key: `${dict.__qualname__}-`, text });
    if (computed === null) throw new TypeError(`no key can be computed for a ${dict.__qualname__}`);
    this.entries.push({ key: computed, text });
    return reference(computed);
  }
}

export const reference = (key: string): Reference => ({ ":gufe-key:": key });
export const keyOf = (of: Reference): string => of[":gufe-key:"];

/** The members that every keyed dict ends with. */
export function type(qualname: string, module: string) {
  return { __qualname__: qualname, __module__: module, ":version:": 1 };
}

/** A pint quantity in gufe's form. */
export function quantity(magnitude: number, unit: string) {
  return { magnitude, unit, ":is_custom:": true, pint_unit_registry: "openff_units" };
}

/** A pydantic model in gufe's form. */
export function settings(name: string, module: string, fields: Readonly<Record<string, unknown>>) {
  return { __class__: name, __module__: module, ":is_custom:": true, ...fields };
}
