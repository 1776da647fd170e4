import { homedir } from "node:os";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UsageError } from "../usage-error.ts";
import { storeUrls } from "./store-urls.ts";

beforeEach(() => {
  for (const name of ["ALCHEMISCALE_DATA", "ALCHEMISCALE_STATE_STORE_URL", "ALCHEMISCALE_OBJECT_STORE_URL", "NEO4J_URL"]) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => vi.unstubAllEnvs());

describe("which stores a command acts on", () => {
  test("those of --data, else of ALCHEMISCALE_DATA, else of the user's data directory", () => {
    expect(storeUrls({}).directory.path.startsWith(homedir())).toBe(true);
    vi.stubEnv("ALCHEMISCALE_DATA", "/from/environment");
    expect(storeUrls({}).stateStore).toBe("sqlite:/from/environment/state.sqlite");
    const given = storeUrls({ data: "relative" });
    expect(given.stateStore).toBe(`sqlite:${resolve("relative")}/state.sqlite`);
    expect(given.objectStore).toBe(`file:${resolve("relative")}/objects`);
    expect([given.stateStoreEmbedded, given.objectStoreEmbedded]).toEqual([true, true]);
  });

  test("those of the two addresses, each in place of the embedded one; names of variables in any case", () => {
    vi.stubEnv("alchemiscale_state_store_url", "postgres://u:p@h/d");
    const urls = storeUrls({ data: "/d" });
    expect(urls.stateStore).toBe("postgres://u:p@h/d");
    expect(urls.stateStoreEmbedded).toBe(false);
    expect(urls.objectStore).toBe("file:/d/objects");
  });

  test("the address of a Neo4j database alone is wrong use, not an empty store", () => {
    expect(() => storeUrls({ url: "bolt://h" })).toThrow(UsageError);
    vi.stubEnv("NEO4J_URL", "bolt://h:7687");
    expect(() => storeUrls({})).toThrow(/does not read Neo4j/);
    vi.stubEnv("ALCHEMISCALE_STATE_STORE_URL", "sqlite:x");
    expect(storeUrls({}).stateStore).toBe("sqlite:x");
  });
});
