/** A value in a result is not what its protocol writes. */
export class MalformedResult extends Error {
  override readonly name = "MalformedResult";
  /** Where in the result: a unit's key and an output. */
  readonly where: string;

  constructor(where: string, message: string) {
    super(`${where} ${message}`);
    this.where = where;
  }
}
