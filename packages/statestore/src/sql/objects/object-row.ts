/** A row of the table `object`, but for its scope and id. */
export interface ObjectRow {
  readonly key: string;
  /** Id of the interned class name. */
  readonly class: number;
  readonly height: number;
  readonly text: string;
}
