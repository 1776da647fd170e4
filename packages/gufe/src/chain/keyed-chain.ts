/** The keyed chain: the flat form in which gufe objects travel. (spec/gufe.md §1.1) */

/** One object of a chain. */
export interface ChainEntry {
  /** `<qualname>-<token>`: the identity under which it was submitted. */
  readonly key: string;
  readonly qualname: string;
  readonly module: string;
  /** The object's keyed dict with exactly the characters it was submitted with. */
  readonly text: string;
  /** The keys it refers to: distinct, in order of appearance. */
  readonly references: readonly string[];
  /** 0 without references, else 1 + the largest height among them. Any order by height is a valid chain order. */
  readonly height: number;
}

/** A chain whose references all resolve backwards. */
export interface KeyedChain {
  /** Each key once, dependencies before dependents. */
  readonly entries: readonly ChainEntry[];
  /** The object that the chain is about: the last pair. */
  readonly root: ChainEntry;
}

/** The member that makes a dict below the top level a reference. */
export const referenceMember = ":gufe-key:";

/** The class name in a key: what precedes the first `-`. */
export function qualnameOfKey(key: string): string {
  const dash = key.indexOf("-");
  return dash < 0 ? key : key.slice(0, dash);
}

const tokenPattern = /^[0-9a-f]{32}$/;

/** Whether `key` is `<qualname>-<32 lowercase hexadecimal digits>` with a non-empty qualname. (spec/gufe.md §1.2) */
export function isGufeKey(key: string): boolean {
  const dash = key.indexOf("-");
  return dash > 0 && tokenPattern.test(key.slice(dash + 1));
}
