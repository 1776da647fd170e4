/** What a pattern of Python's `re` means, with its flags worked into every node. */

/** Members of a set of characters: code points from `low` to `high`, or a category. */
export type SetMember =
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | { readonly kind: "category"; readonly name: CategoryName; readonly negated: boolean; readonly ascii: boolean };

export type CategoryName = "digit" | "space" | "word";

/** Upper and lower case are the same: not at all, in ASCII, or in all of Unicode. */
export type CaseFolding = "none" | "ascii" | "unicode";

export interface CharacterSet {
  readonly members: readonly SetMember[];
  readonly negated: boolean;
  readonly folding: CaseFolding;
}

export type PlaceKind =
  | "text start"
  | "text end"
  /** `$`: the end, or before a newline that ends the text. */
  | "last line end"
  | "line start"
  | "line end"
  | "boundary"
  | "no boundary";

export type RepeatMode = "greedy" | "lazy" | "possessive";

export type PatternNode =
  | { readonly kind: "character"; readonly set: CharacterSet }
  /** `ascii`: which characters make words, at a boundary. */
  | { readonly kind: "place"; readonly place: PlaceKind; readonly ascii: boolean }
  /** `group`: its number, from 1; null where it captures nothing. */
  | { readonly kind: "group"; readonly group: number | null; readonly body: Sequence }
  | { readonly kind: "branch"; readonly branches: readonly Sequence[] }
  | { readonly kind: "repeat"; readonly mode: RepeatMode; readonly least: number; readonly most: number; readonly body: Sequence }
  | { readonly kind: "atomic"; readonly body: Sequence }
  /** `behind`: characters to go back (every lookbehind has one width); null: looks ahead. */
  | { readonly kind: "look"; readonly behind: number | null; readonly negated: boolean; readonly body: Sequence }
  | { readonly kind: "reference"; readonly group: number; readonly folding: CaseFolding }
  | { readonly kind: "condition"; readonly group: number; readonly yes: Sequence; readonly no: Sequence };

export type Sequence = readonly PatternNode[];

export interface PythonPattern {
  readonly body: Sequence;
  /** Number of groups that capture. */
  readonly groups: number;
}
