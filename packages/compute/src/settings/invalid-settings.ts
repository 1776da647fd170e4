/** One thing that is wrong with a settings file. */
export interface SettingsProblem {
  /** Key, with its place (`init.name`), or empty for the whole file. */
  readonly field: string;
  /** What it must be, what it is, and what to do. */
  readonly message: string;
}

/** A settings file that no service can be made of. All problems are given at once. */
export class InvalidSettings extends Error {
  override readonly name = "InvalidSettings";
  readonly problems: readonly SettingsProblem[];

  constructor(problems: readonly SettingsProblem[]) {
    super(problems.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`)).join("\n"));
    this.problems = problems;
  }
}
