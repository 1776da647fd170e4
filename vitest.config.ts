import { defineConfig } from "vitest/config";
import { TestSummaryReporter } from "./scripts/test-summary-reporter.ts";

// Where `npm test` wants the counts that it closes with.
const summaryFile = process.env.ALCHEMISCALE_TEST_SUMMARY;

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "{scripts,bench}/**/*.test.ts"],
    globalSetup: ["scripts/test-services/global-setup.ts"],
    reporters: ["default", ...(summaryFile === undefined ? [] : [new TestSummaryReporter(summaryFile)])],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
