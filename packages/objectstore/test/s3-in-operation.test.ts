/** The S3 store against a real server: large objects, addresses, a server that goes away, and a bucket that the Python server wrote. */
import { createHash, randomBytes } from "node:crypto";
import { HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gate } from "../../../scripts/test-services/gate.ts";
import { createTestObjectStore } from "../../../scripts/test-services/test-object-store.ts";
import { type ObjectStore, ObjectStoreUnavailable, openObjectStore, resultPathsToTry } from "../src/index.ts";

const place = await createTestObjectStore();
const mib = 1024 * 1024;

describe.skipIf(place === undefined)("S3 in operation", () => {
  const url = place?.url ?? "s3://bucket/prefix?endpoint=http://127.0.0.1:1";
  const [address = "", query = ""] = url.split("?");
  const parameters = new URLSearchParams(query);
  const endpoint = new URL(parameters.get("endpoint") ?? "http://127.0.0.1:1");
  const [bucket = "", ...prefix] = address.slice("s3://".length).split("/");
  /** As another program would write into the bucket. */
  const raw = new S3Client({ endpoint: endpoint.href, region: parameters.get("region") ?? "", forcePathStyle: true });
  const putRaw = (path: string, body: Buffer) =>
    raw.send(new PutObjectCommand({ Bucket: bucket, Key: [...prefix, path].join("/"), Body: body }));
  let store: ObjectStore;
  let gate: Gate;

  beforeAll(async () => {
    store = await openObjectStore(url);
    gate = await Gate.to(Number(endpoint.port));
  });
  afterAll(async () => {
    for (const { path } of await Array.fromAsync(store.list(""))) await store.delete(path);
    await store.close();
    await gate.shut();
    raw.destroy();
  });

  const throughGate = () => {
    const other = new URLSearchParams(parameters);
    other.set("endpoint", `http://127.0.0.1:${gate.port}`);
    return openObjectStore(`${address}?${other}`);
  };
  const bytesOf = async (object: { readonly body: AsyncIterable<Uint8Array> }) =>
    Buffer.concat(await Array.fromAsync(object.body));

  test("an object above 64 MiB goes up in parts and comes down as it was, whole and in ranges across parts", {
    timeout: 120_000,
  }, async () => {
    const chunk = randomBytes(mib);
    const hash = createHash("sha256");
    async function* source() {
      for (let i = 0; i < 70; i += 1) {
        chunk.writeUInt32LE(i, 0);
        hash.update(chunk);
        yield new Uint8Array(chunk);
      }
    }
    await store.put("large/object", source());
    const head = await raw.send(new HeadObjectCommand({ Bucket: bucket, Key: [...prefix, "large/object"].join("/") }));
    expect(head.ContentLength).toBe(70 * mib);
    expect(head.ETag).toMatch(/-9"$/);
    const down = createHash("sha256");
    for await (const part of (await store.get("large/object")).body) down.update(part);
    expect(down.digest("hex")).toBe(hash.digest("hex"));
    const across = await store.get("large/object", { offset: 8 * mib - 4, length: 8 });
    const bytes = await bytesOf(across);
    expect([across.size, bytes.readUInt32LE(4)]).toEqual([70 * mib, 8]);
  });

  test("an address holds for its time, for its object, and for reading, also of a range", async () => {
    await store.put("signed/object", Buffer.from("0123456789"));
    await store.put("signed/other", Buffer.from("secret"));
    const signed = (await store.presign?.("signed/object", 60)) ?? "";
    expect(await (await fetch(signed)).text()).toBe("0123456789");
    const part = await fetch(signed, { headers: { range: "bytes=2-4" } });
    expect([part.status, await part.text()]).toEqual([206, "234"]);
    expect((await fetch(signed.replace("signed/object", "signed/other"))).status).toBe(403);
    expect((await fetch(signed, { method: "PUT", body: "x" })).status).toBe(403);
    expect((await fetch(signed.replace(/X-Amz-Expires=60/, "X-Amz-Expires=600"))).status).toBe(403);
    const short = (await store.presign?.("signed/object", 1)) ?? "";
    await expect.poll(async () => (await fetch(short)).status, { timeout: 10_000, interval: 200 }).toBe(403);
  });

  test("a server that is gone is said so in every operation; when it is back, everything works again by itself", {
    timeout: 60_000,
  }, async () => {
    const far = await throughGate();
    await far.put("gone/object", Buffer.from("there"));
    await gate.shut();
    const refused = async (operation: Promise<unknown>) => {
      const error = await operation.then(
        () => null,
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(ObjectStoreUnavailable);
      expect(String(error)).not.toContain(process.env.AWS_SECRET_ACCESS_KEY);
    };
    const pending = await far.begin();
    await pending.write(Buffer.from("kept here"));
    await Promise.all([
      refused(far.get("gone/object")),
      refused(far.exists("gone/object")),
      refused(far.put("gone/new", Buffer.from("x"))),
      refused(far.delete("gone/object")),
      refused(Array.fromAsync(far.list("gone"))),
      refused(far.check()),
    ]);
    await gate.open();
    expect((await bytesOf(await far.get("gone/object"))).toString()).toBe("there");
    await pending.commit("gone/new");
    expect((await bytesOf(await far.get("gone/new"))).toString()).toBe("kept here");
    await far.close();
  });

  test("a body that breaks off is an error, not a short object", async () => {
    await store.put("cut/object", randomBytes(4 * mib));
    const far = await throughGate();
    const object = await far.get("cut/object");
    gate.cutAfter = mib;
    const cut = await far.get("cut/object");
    await expect(bytesOf(cut)).rejects.toBeInstanceOf(ObjectStoreUnavailable);
    gate.cutAfter = Number.POSITIVE_INFINITY;
    await object.close();
    expect((await bytesOf(await far.get("cut/object"))).length).toBe(4 * mib);
    await far.close();
  });

  test("wrong credentials are refused in every operation, and no secret is told", async () => {
    const right = process.env.AWS_SECRET_ACCESS_KEY;
    process.env.AWS_SECRET_ACCESS_KEY = "a-secret-that-is-wrong";
    const wrong = await openObjectStore(url);
    const errors = [wrong.get("a"), wrong.exists("a"), wrong.put("a", Buffer.from("x")), Array.fromAsync(wrong.list("a"))].map(
      (operation) =>
        operation.then(
          () => "no error",
          (error: unknown) => error,
        ),
    );
    const caught = await Promise.all(errors);
    process.env.AWS_SECRET_ACCESS_KEY = right;
    for (const error of caught) {
      expect(error).toBeInstanceOf(ObjectStoreUnavailable);
      expect(String(error)).toContain("access refused");
      expect(`${error}${JSON.stringify(error)}`).not.toContain("a-secret-that-is-wrong");
    }
    await wrong.close();
  });

  test("a bucket that the Python server wrote is read as it is: the layout of now, and those of old", async () => {
    const at = {
      org: "openfe",
      campaign: "tyk2",
      project: "bench",
      transformationKey: `Transformation-${"a".repeat(32)}`,
      ok: true,
      resultKey: `ProtocolDAGResult-${"b".repeat(32)}`,
    };
    const now = `protocoldagresult/openfe/tyk2/bench/${at.transformationKey}/results/${at.resultKey}/obj.json.zst`;
    const uncompressed = `protocoldagresult/openfe/tyk2/bench/Transformation-${"c".repeat(32)}/results/${at.resultKey}/obj.json`;
    await putRaw(now, Buffer.from("zstd"));
    await putRaw(uncompressed, Buffer.from("{}"));
    const read = async (location: string | null) => {
      for (const path of resultPathsToTry(at, location)) {
        if (await store.exists(path)) return (await bytesOf(await store.get(path))).toString();
      }
      return null;
    };
    expect(await read(null)).toBe("zstd");
    expect(await read(now)).toBe("zstd");
    expect(await read(uncompressed)).toBe("{}");
    expect(await read("protocoldagresult/moved/away/obj.json")).toBe("zstd");
    const listed = await Array.fromAsync(store.list("protocoldagresult/openfe/tyk2"));
    expect(listed.map(({ path }) => path).sort()).toEqual([now, uncompressed].sort());
  });
});
