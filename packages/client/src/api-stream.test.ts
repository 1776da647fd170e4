/** Streams that are cut, and taken up again. */
import { expect, test } from "vitest";
import { scriptedApi } from "../test/scripted-api.ts";
import { ApiConnection, type StreamReading } from "./api-connection.ts";
import { ConnectionError } from "./client-error.ts";

const retries = { maxRetries: 2, baseSeconds: 1.001, maxSeconds: 0 };

function connect(url: string): ApiConnection {
  return new ApiConnection({ url, identifier: "alice", key: "a key", retries });
}

/** Numbers, a line each; `.` is the end. */
const numbers: StreamReading<number> = {
  request: (last) => ({ method: "GET", path: "/numbers", query: { after: last === undefined ? null : String(last) } }),
  read: async function* (body) {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
    for (const line of text.split("\n")) {
      if (line === ".") return false;
      if (line === "!") throw new Error("an object store is gone");
      if (line !== "") yield Number(line);
    }
    return true;
  },
};

async function all(stream: AsyncIterable<number>): Promise<number[]> {
  const found: number[] = [];
  for await (const number of stream) found.push(number);
  return found;
}

test("a stream goes on after what was read last, as often as something new comes", async () => {
  await using api = await scriptedApi(({ path }) => {
    if (path === "/token") return undefined;
    const after = Number(new URL(path, "http://x").searchParams.get("after") ?? 0);
    return { text: after < 6 ? `${after + 1}\n${after + 2}\n${after === 2 ? "!" : ""}` : "7\n." };
  });
  expect(await all(connect(api.url).stream(numbers))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(api.calls().map(({ path }) => path)).toEqual(["/numbers", "/numbers?after=2", "/numbers?after=4", "/numbers?after=6"]);
});

test("one that brings nothing new any more is given up after as many repeats as any request", async () => {
  await using api = await scriptedApi(({ path }) => {
    if (path === "/token") return undefined;
    return { text: path === "/numbers" ? "1\n" : "!" };
  });
  const found: number[] = [];
  const loop = async () => {
    for await (const number of connect(api.url).stream(numbers)) found.push(number);
  };
  const error = await loop().catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(String(error)).toContain("an object store is gone");
  expect(found).toEqual([1]);
  expect(api.calls()).toHaveLength(3);
});

test("a token that has ended in between is replaced", async () => {
  await using api = await scriptedApi(({ path, headers }) => {
    if (path === "/token") return undefined;
    if (path === "/numbers") return { text: "1\n" };
    return headers.authorization === "Bearer token1" ? { status: 401, json: { detail: "expired" } } : { text: "2\n." };
  });
  expect(await all(connect(api.url).stream(numbers))).toEqual([1, 2]);
});

test("a body that is silent is given up", async () => {
  let calls = 0;
  const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const connection = new ApiConnection({
    url: "http://127.0.0.1:1",
    identifier: "alice",
    key: "a key",
    retries,
    fetch: async (input) => {
      if (String(input).endsWith("/token")) return Response.json({ access_token: "t" });
      calls += 1;
      return calls === 1 ? new Response(silent) : new Response("1\n.");
    },
  });
  expect(await all(connection.stream({ ...numbers, idleMs: 20 }))).toEqual([1]);
  expect(calls).toBe(2);
});

test("a 404 with a problem document is an answer, and not tried again", async () => {
  let calls = 0;
  const connection = new ApiConnection({
    url: "http://127.0.0.1:1",
    identifier: "alice",
    key: "a key",
    fetch: async (input) => {
      if (String(input).endsWith("/token")) return Response.json({ access_token: "t" });
      calls += 1;
      const body = '{"type": "urn:alchemiscale:problem:result-missing", "status": 404, "detail": "there is none"}';
      return new Response(body, { status: 404, headers: { "content-type": "application/problem+json" } });
    },
  });
  await expect(all(connection.stream(numbers))).rejects.toMatchObject({
    status: 404,
    detail: "there is none",
    problem: "urn:alchemiscale:problem:result-missing",
  });
  expect(calls).toBe(1);
});
