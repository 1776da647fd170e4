import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { TestSummaryReporter } from "./scripts/test-summary-reporter.ts";

// Where `npm test` wants the counts that it closes with.
const summaryFile = process.env.ALCHEMISCALE_TEST_SUMMARY;
// Where the command keeps compiled code, too: the threads and processes that tests start need half the processor time for it.
const compiled = join(import.meta.dirname, "node_modules", ".cache", "alchemiscale", "compiled");

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "{scripts,bench}/**/*.test.ts"],
    globalSetup: ["scripts/test-services/global-setup.ts"],
    reporters: ["default", ...(summaryFile === undefined ? [] : [new TestSummaryReporter(summaryFile)])],
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compiled },
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
