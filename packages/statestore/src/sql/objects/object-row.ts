/** A row of the table `object`, but for its scope, its id, and its text, which stays packed. */
export interface ObjectRow {
  /** Among the packed entries. */
  readonly place: number;
  readonly key: string;
  /** Id of the interned class name. */
  readonly class: number;
  readonly height: number;
}
