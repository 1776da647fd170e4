import { describe, expect, test } from "vitest";
import { createTestDatabase } from "../../scripts/test-services/test-database.ts";
import { type ChaosOptions, runChaos } from "./run-chaos.ts";

const database = await createTestDatabase();
const seed = Math.floor(Math.random() * 2 ** 31);

/** As `npm run chaos`, in little. */
const little: Omit<ChaosOptions, "stateStoreUrl" | "servers"> = {
  kills: 5,
  seconds: 10,
  seed,
  services: 2,
  expirySeconds: 6,
  pauseSeconds: 0.05,
  say: () => {},
};

describe(`nothing acknowledged is lost when processes are killed (seed ${seed})`, () => {
  test("SQLite, one server", { timeout: 300_000 }, async () => {
    const { violations, figures } = await runChaos({ ...little, stateStoreUrl: undefined, servers: 1 });
    expect(violations).toEqual([]);
    expect(figures["results acknowledged"]).toBeGreaterThan(0);
  });

  // A kill every four seconds, for a minute.
  test.skipIf(database === undefined)("PostgreSQL, two servers", { timeout: 400_000 }, async () => {
    const minute = { ...little, kills: 15, seconds: 60 };
    const { violations, figures } = await runChaos({ ...minute, stateStoreUrl: database?.url, servers: 2 });
    expect(violations).toEqual([]);
    expect(figures["results acknowledged"]).toBeGreaterThan(0);
    await database?.drop();
  });
});
