import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Reporter, SerializedError, TestModule } from "vitest/node";
import type { SkippedTest, TestSummary } from "./test-summary.ts";

/** A Vitest reporter that writes the run's `TestSummary` to `file`. */
export class TestSummaryReporter implements Reporter {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Promise<void> {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped: SkippedTest[] = [];
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed += 1;
        else if (result.state === "skipped") {
          skipped.push({ file: relative(process.cwd(), module.moduleId), name: test.fullName, note: result.note });
        } else failed += 1;
      }
      // A file that did not load, or a hook that failed, has no failed test to count.
      if (failed === before && module.state() === "failed") failed += 1;
    }
    const summary: TestSummary = { passed, failed, skipped };
    await writeFile(this.#file, JSON.stringify(summary));
  }
}
