import { homedir } from "node:os";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UsageError } from "../usage-error.ts";
import { storeUrls } from "./store-urls.ts";

beforeEach(() => {
  for (const name of [
    "ALCHEMISCALE_DATA",
    "ALCHEMISCALE_STATE_STORE_URL",
    "ALCHEMISCALE_OBJECT_STORE_URL",
    "NEO4J_URL",
    "AWS_S3_BUCKET",
    "AWS_S3_PREFIX",
    "AWS_DEFAULT_REGION",
  ]) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => vi.unstubAllEnvs());

describe("which stores a command acts on", () => {
  test("those of --data, else of ALCHEMISCALE_DATA, else of the user's data directory", () => {
    expect(storeUrls({}).directory.path.startsWith(homedir())).toBe(true);
    expect(storeUrls({}).directoryNamed).toBe(false);
    vi.stubEnv("ALCHEMISCALE_DATA", "/from/environment");
    expect(storeUrls({}).stateStore).toBe("sqlite:/from/environment/state.sqlite");
    expect(storeUrls({}).directoryNamed).toBe(true);
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

  test("--url goes before the variable, and takes user, password and database where it names none", () => {
    vi.stubEnv("ALCHEMISCALE_STATE_STORE_URL", "sqlite:x");
    expect(storeUrls({ url: "sqlite:y" }).stateStore).toBe("sqlite:y");
    const parts = { user: "me", password: "p:/@", dbname: "d e" };
    expect(storeUrls({ url: "postgres://h:5", ...parts }).stateStore).toBe("postgres://me:p%3A%2F%40@h:5/d%20e");
    expect(storeUrls({ url: "postgres://you:key@h/other", ...parts }).stateStore).toBe("postgres://you:key@h/other");
    expect(() => storeUrls({ url: "mysql://secret@h" })).toThrow(/--url must be .*begins with "mysql"$/);
  });

  test("the address of a Neo4j database alone is wrong use, not an empty store", () => {
    for (const url of ["bolt://h", "neo4j://h", "bolt+ssc://h", "NEO4J+S://h"]) {
      expect(() => storeUrls({ url })).toThrow(UsageError);
    }
    vi.stubEnv("NEO4J_URL", "bolt://h:7687");
    expect(() => storeUrls({})).toThrow(/does not read Neo4j/);
    expect(() => storeUrls({ data: "/d" })).toThrow(/does not read Neo4j/);
    expect(storeUrls({ url: "sqlite:x" }).stateStore).toBe("sqlite:x");
    vi.stubEnv("ALCHEMISCALE_STATE_STORE_URL", "sqlite:x");
    expect(storeUrls({}).stateStore).toBe("sqlite:x");
    expect(storeUrls({ url: "bolt://h" }).stateStore).toBe("sqlite:x");
  });

  test("a bucket in the words of the Python server", () => {
    vi.stubEnv("AWS_S3_BUCKET", "results");
    expect(storeUrls({}).objectStore).toBe("s3://results");
    vi.stubEnv("AWS_S3_PREFIX", "/a/b/");
    vi.stubEnv("AWS_DEFAULT_REGION", "eu-central-1");
    expect(storeUrls({}).objectStore).toBe("s3://results/a/b?region=eu-central-1");
    expect(storeUrls({}).objectStoreEmbedded).toBe(false);
    expect(storeUrls({ s3Bucket: "other", s3Prefix: "c", defaultRegion: "r" }).objectStore).toBe("s3://other/c?region=r");
    vi.stubEnv("ALCHEMISCALE_OBJECT_STORE_URL", "file:/d");
    expect(storeUrls({}).objectStore).toBe("file:/d");
    expect(storeUrls({ s3Bucket: "other" }).objectStore).toBe("s3://other/a/b?region=eu-central-1");
    vi.stubEnv("AWS_S3_BUCKET", undefined);
    vi.stubEnv("ALCHEMISCALE_OBJECT_STORE_URL", undefined);
    expect(() => storeUrls({ s3Prefix: "c" })).toThrow(UsageError);
  });
});
