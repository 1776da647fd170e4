import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "scripts/**/*.test.ts"],
    globalSetup: ["scripts/test-services/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
