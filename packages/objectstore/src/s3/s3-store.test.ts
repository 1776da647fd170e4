import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createTestObjectStore } from "../../../../scripts/test-services/test-object-store.ts";
import { describeObjectStore } from "../../test/object-store-conformance.ts";
import { InvalidObjectStoreUrl, ObjectStoreUnavailable, openObjectStore } from "../index.ts";
import { parseS3Address } from "./s3-address.ts";

const place = await createTestObjectStore();

describe.skipIf(place === undefined)("on a real S3 server", () => {
  const url = place?.url ?? "";

  describeObjectStore("the S3 store", async () => ({
    open: () => openObjectStore(url),
    remove: async () => {
      const store = await openObjectStore(url);
      for (const { path } of await Array.fromAsync(store.list(""))) await store.delete(path);
      await store.close();
    },
  }));

  test("anyone may read an object from a signed address", async () => {
    const store = await openObjectStore(`${url}`);
    const bytes = randomBytes(1000);
    await store.put("signed", bytes);
    const reply = await fetch((await store.presign?.("signed", 60)) ?? "");
    expect(reply.status).toBe(200);
    expect(Buffer.from(await reply.arrayBuffer()).equals(bytes)).toBe(true);
    await store.close();
  });

  test("nothing stays in the spool directory, whatever becomes of an object", async () => {
    const spoolDirectory = await mkdtemp(join(tmpdir(), "spool-"));
    const store = await openObjectStore(url, { spoolDirectory });
    const left = await store.begin();
    await left.write(randomBytes(100_000));
    expect(await readdir(spoolDirectory)).toEqual([]);
    await store.close();
    await rm(spoolDirectory, { recursive: true });
  });

  test("a bucket that does not exist is named, with the remedy", async () => {
    const store = await openObjectStore(url.replace(/^s3:\/\/[^/?]+/, "s3://no-such-bucket-here"));
    await expect(store.check()).rejects.toThrow("the bucket 'no-such-bucket-here' does not exist; create it first");
    await expect(store.put("a", new Uint8Array(1))).rejects.toBeInstanceOf(ObjectStoreUnavailable);
    await expect(store.get("a")).rejects.toBeInstanceOf(ObjectStoreUnavailable);
    await store.close();
  });

  test("wrong credentials are said, without printing them", async () => {
    const right = process.env.AWS_SECRET_ACCESS_KEY;
    process.env.AWS_SECRET_ACCESS_KEY = "wrong-secret";
    const store = await openObjectStore(url);
    const error = await store.check().catch((caught: unknown) => caught);
    process.env.AWS_SECRET_ACCESS_KEY = right;
    expect(error).toBeInstanceOf(ObjectStoreUnavailable);
    expect(String(error)).toMatch(/access refused .*AWS_SECRET_ACCESS_KEY/);
    expect(String(error)).not.toContain("wrong-secret");
    await store.close();
  });
});

test("a server that is not there is said so", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  server.close();
  await once(server, "close");
  process.env.AWS_ACCESS_KEY_ID ??= "x";
  process.env.AWS_SECRET_ACCESS_KEY ??= "x";
  const store = await openObjectStore(`s3://bucket/prefix?endpoint=http://127.0.0.1:${port}&region=x`);
  await expect(store.check()).rejects.toBeInstanceOf(ObjectStoreUnavailable);
  await expect(store.get("a")).rejects.toThrow("ECONNREFUSED");
  await store.close();
});

test("an address says bucket, prefix, endpoint and region", () => {
  const none = { endpoint: undefined, region: undefined, pathStyle: undefined };
  expect(parseS3Address("s3://my-bucket")).toEqual({ bucket: "my-bucket", prefix: "", ...none });
  expect(parseS3Address("s3://my-bucket/a/b/")).toEqual({ bucket: "my-bucket", prefix: "a/b", ...none });
  expect(parseS3Address("s3://my.bucket/p?endpoint=http%3A%2F%2Fhost%3A9000&region=eu-west-1&path-style=false")).toEqual({
    bucket: "my.bucket",
    prefix: "p",
    endpoint: "http://host:9000",
    region: "eu-west-1",
    pathStyle: false,
  });
});

test.each([
  ["s3:bucket", "form"],
  ["s3://", "bucket"],
  ["s3://Bucket", "bucket"],
  ["s3://bucket/a//b", "prefix"],
  ["s3://bucket/../b", "prefix"],
  ["s3://bucket?endpoint=localhost:9000", "endpoint"],
  ["s3://bucket?endpont=http://x", "endpont"],
  ["s3://bucket?region=a&region=b", "twice"],
  ["s3://bucket?path-style=maybe", "path-style"],
  ["s3://key:very-secret@bucket/a", "AWS_ACCESS_KEY_ID"],
  ["ftp://bucket", "scheme"],
  ["file:", "directory"],
])("the address %s is refused with its reason", async (url, reason) => {
  const error = await openObjectStore(url).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InvalidObjectStoreUrl);
  expect(String(error)).toContain(reason);
  expect(String(error)).not.toContain("very-secret");
});
