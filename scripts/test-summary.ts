/** What a run of the tests came to; the reporter writes it, `npm test` closes with it. */
export interface TestSummary {
  readonly passed: number;
  /** Tests that failed, files that did not load, and errors outside any test. */
  readonly failed: number;
  readonly skipped: readonly SkippedTest[];
}

export interface SkippedTest {
  readonly file: string;
  /** With the names of the groups around it. */
  readonly name: string;
  /** What the test said when it skipped itself. */
  readonly note: string | undefined;
}

/** With CI=true only tests that need what a plain clone cannot have may be skipped; their name or note says which. */
export const maySkipInCi = ({ name, note }: SkippedTest): boolean =>
  /\.\.\/shared|ALCHEMISCALE_TEST_PYTHON|ALCHEMISCALE_TEST_SCHEMATHESIS/.test(`${name} ${note ?? ""}`);

/** Skipped tests as lines for people: one for each file and reason, with how many. */
export const skippedLines = (skipped: readonly SkippedTest[]): readonly string[] => {
  const groups = Map.groupBy(skipped, ({ file, name, note }) =>
    `${file}: ${note ?? name.split(" > ").slice(0, -1).join(" > ")}`.replace(/: $/, ""),
  );
  return [...groups].map(([line, tests]) => `skipped ${tests.length} in ${line}`);
};
