import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InvalidObjectPath, ObjectNotFound, type ObjectStore, resultPath } from "../src/index.ts";

/** A fresh, empty store, opened again as often as wanted on the same place. */
export interface StoreUnderTest {
  open(): Promise<ObjectStore>;
  remove(): Promise<void>;
}

const bytesOf = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
};

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What every object store keeps, whatever it is kept on. */
export const describeObjectStore = (name: string, make: () => Promise<StoreUnderTest>): void => {
  describe(name, () => {
    let place: StoreUnderTest;
    let store: ObjectStore;

    beforeAll(async () => {
      place = await make();
      store = await place.open();
    });
    afterAll(async () => {
      await store?.close();
      await place?.remove();
    });

    const read = async (path: string): Promise<Buffer> => bytesOf((await store.get(path)).body);
    const paths = async (prefix: string): Promise<string[]> =>
      (await Array.fromAsync(store.list(prefix))).map(({ path }) => path);

    test("gives back the bytes that were put, and their size", async () => {
      const bytes = randomBytes(300_000);
      expect(await store.put("round/trip.bin", bytes)).toEqual({ bytes: bytes.byteLength });
      const found = await store.get("round/trip.bin");
      expect(found.size).toBe(bytes.byteLength);
      expect((await bytesOf(found.body)).equals(bytes)).toBe(true);
    });

    test("stores an empty object", async () => {
      await store.put("empty", new Uint8Array());
      expect((await store.get("empty")).size).toBe(0);
      expect((await read("empty")).byteLength).toBe(0);
    });

    test("stores a stream of 20 MiB", async () => {
      const bytes = randomBytes(20 * 1024 * 1024 + 17);
      await store.put("large", chunked(bytes, 777_777));
      expect((await read("large")).equals(bytes)).toBe(true);
    });

    test("replaces an object as a whole", async () => {
      await store.put("replaced", text("the first, longer text"));
      await store.put("replaced", text("second"));
      expect((await read("replaced")).toString()).toBe("second");
    });

    test("gives the wanted range, cut at the end, with the size of the whole", async () => {
      await store.put("range", text("0123456789"));
      const part = async (offset: number, length?: number): Promise<string> => {
        const found = await store.get("range", length === undefined ? { offset } : { offset, length });
        expect(found.size).toBe(10);
        return (await bytesOf(found.body)).toString();
      };
      expect(await part(0, 4)).toBe("0123");
      expect(await part(3)).toBe("3456789");
      expect(await part(8, 100)).toBe("89");
      expect(await part(4, 0)).toBe("");
      expect(await part(10)).toBe("");
      expect(await part(99, 5)).toBe("");
      await expect(store.get("range/none", { offset: 4, length: 0 })).rejects.toBeInstanceOf(ObjectNotFound);
    });

    test("says ObjectNotFound, with the path, for what is not there", async () => {
      await expect(store.get("no/such/object")).rejects.toMatchObject({ name: "ObjectNotFound", path: "no/such/object" });
      expect(await store.exists("no/such/object")).toBe(false);
      await store.put("folder/file", text("x"));
      expect(await store.exists("folder")).toBe(false);
      await expect(store.get("folder")).rejects.toBeInstanceOf(ObjectNotFound);
    });

    test("deletes, and deleting what is not there is no error", async () => {
      await store.put("gone", text("x"));
      expect(await store.exists("gone")).toBe(true);
      await store.delete("gone");
      expect(await store.exists("gone")).toBe(false);
      await store.delete("gone");
      await store.delete("never/was");
    });

    test("lists whole segments below a prefix, in code-point order", async () => {
      for (const path of ["list/b/2", "list/b/1", "list/b.x", "list/b-x/1", "list/bc", "list/Z", "list/a"])
        await store.put(path, text("four"));
      expect(await paths("list")).toEqual(["list/Z", "list/a", "list/b-x/1", "list/b.x", "list/b/1", "list/b/2", "list/bc"]);
      expect(await paths("list/")).toEqual(await paths("list"));
      expect(await paths("list/b")).toEqual(["list/b/1", "list/b/2"]);
      expect(await paths("list/bc")).toEqual(["list/bc"]);
      expect(await paths("list/none")).toEqual([]);
      const [first] = await Array.fromAsync(store.list("list"));
      expect(first).toEqual({ path: "list/Z", size: 4 });
      expect(await paths("")).toEqual(expect.arrayContaining(await paths("list")));
    });

    test("lists more objects than a page of S3 holds", async () => {
      const wanted = Array.from({ length: 1_030 }, (_, at) => `many/${String(at).padStart(5, "0")}`);
      for (let at = 0; at < wanted.length; at += 64) {
        await Promise.all(wanted.slice(at, at + 64).map((path) => store.put(path, text("x"))));
      }
      expect(await paths("many")).toEqual(wanted);
    });

    test("keeps a pending object unseen until it is committed under its path", async () => {
      const object = await store.begin();
      await object.write(text("one "));
      await object.write(text("two"));
      expect(object.bytes).toBe(7);
      expect(await store.exists("pending/object")).toBe(false);
      expect(await paths("")).toEqual((await paths("")).filter((path) => !path.includes("pending")));
      await object.commit("pending/object");
      expect((await read("pending/object")).toString()).toBe("one two");
      await object.abort();
      expect(await store.exists("pending/object")).toBe(true);
      await expect(object.commit("pending/again")).rejects.toThrow("already committed");
      await expect(object.write(text("x"))).rejects.toThrow("already committed");
    });

    test("forgets an aborted pending object", async () => {
      const object = await store.begin();
      await object.write(text("x"));
      await object.abort();
      await object.abort();
      await expect(object.commit("aborted")).rejects.toThrow("aborted");
      expect(await store.exists("aborted")).toBe(false);
    });

    test("lets a pending object go whose path is refused at the end", async () => {
      const object = await store.begin();
      await object.write(text("x"));
      await expect(object.commit("../escape")).rejects.toBeInstanceOf(InvalidObjectPath);
      await expect(object.commit("fine")).rejects.toThrow("aborted");
    });

    test("stores nothing when the source fails or the writing is stopped, and says the source's own error", async () => {
      await store.put("kept", text("old"));
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield text("new");
        throw new RangeError("the sender broke off");
      }
      await expect(store.put("kept", failing())).rejects.toThrow(new RangeError("the sender broke off"));
      const stop = new AbortController();
      async function* stopped(): AsyncGenerator<Uint8Array> {
        yield text("new");
        stop.abort(new Error("enough"));
        yield text("er");
      }
      await expect(store.put("kept", stopped(), { signal: stop.signal })).rejects.toThrow("enough");
      expect((await read("kept")).toString()).toBe("old");
    });

    test("shows a reader the whole old or the whole new object while writers replace it", async () => {
      const versions = Array.from({ length: 6 }, (_, at) => Buffer.alloc(200_000 + at, at + 1));
      await store.put("contended", versions[0] ?? Buffer.alloc(0));
      let writing = true;
      const writers = Promise.all(versions.map((bytes) => store.put("contended", bytes))).finally(() => {
        writing = false;
      });
      do {
        const seen = await read("contended");
        const version = versions[(seen[0] ?? 0) - 1];
        expect(version?.equals(seen)).toBe(true);
      } while (writing);
      await writers;
    });

    test("can be left in the middle of a body, or closed unread", async () => {
      await store.put("long", randomBytes(3_000_000));
      for (let at = 0; at < 60; at += 1) {
        const left = await store.get("long");
        for await (const _ of left.body) break;
        await (await store.get("long")).close();
      }
      expect((await read("long")).byteLength).toBe(3_000_000);
    });

    test("refuses paths that could mean another place", async () => {
      const bad = [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/../b",
        "a/./b",
        ".pending/x",
        "-a",
        "a\\b",
        "a b",
        "a\0b",
        "a\nb",
        "ä",
        "%2e%2e/a",
        "~",
        "x".repeat(201),
      ];
      for (const path of [...bad, Array(200).fill("abcdef").join("/")]) {
        await expect(store.put(path, text("x")), path).rejects.toBeInstanceOf(InvalidObjectPath);
        await expect(store.get(path), path).rejects.toBeInstanceOf(InvalidObjectPath);
        await expect(store.exists(path), path).rejects.toBeInstanceOf(InvalidObjectPath);
        await expect(store.delete(path), path).rejects.toBeInstanceOf(InvalidObjectPath);
      }
      await expect(Array.fromAsync(store.list("../"))).rejects.toBeInstanceOf(InvalidObjectPath);
    });

    test("passes its own check and leaves nothing of it", async () => {
      await store.check();
      expect(await store.exists("_check_test")).toBe(false);
    });

    test("keeps results where the Python server keeps them", async () => {
      const path = resultPath({
        org: "openfe",
        campaign: "tyk2",
        project: "bench_1",
        transformationKey: "NonTransformation-6e9b36b151d29c7582ed0a9eeb60e1dd",
        ok: false,
        resultKey: "ProtocolDAGResult-26b4034ad9dbd9f908dfc298ea8d449f",
      });
      await store.put(path, text("result"));
      expect(await paths("protocoldagresult/openfe")).toEqual([
        "protocoldagresult/openfe/tyk2/bench_1/NonTransformation-6e9b36b151d29c7582ed0a9eeb60e1dd/failures/ProtocolDAGResult-26b4034ad9dbd9f908dfc298ea8d449f/obj.json.zst",
      ]);
    });

    test("keeps what it acknowledged when it is closed and opened again", async () => {
      await store.put("durable", text("still here"));
      const left = await store.begin();
      await left.write(text("never committed"));
      await store.close();
      store = await place.open();
      expect((await read("durable")).toString()).toBe("still here");
    });
  });
};
