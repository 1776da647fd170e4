/** A value given to a calculation breaks its rule. */
export class InvalidInput extends Error {
  override readonly name: string = "InvalidInput";
  /** Which value, such as `edges[3].sigma`. */
  readonly field: string;
  /** The rule, and where there is one the remedy; with the field it is the message. */
  readonly rule: string;

  constructor(field: string, rule: string) {
    super(`${field} ${rule}`);
    this.field = field;
    this.rule = rule;
  }

  /** The same, said of a larger whole: `rows[2]` makes `rows[2].edges[3].sigma` of `edges[3].sigma`. */
  within(whole: string): InvalidInput {
    return new InvalidInput(this.field.startsWith("[") ? `${whole}${this.field}` : `${whole}.${this.field}`, this.rule);
  }
}
