import { describe, expect, test } from "vitest";
import { scriptedApi } from "../test/scripted-api.ts";
import { ApiConnection } from "./api-connection.ts";
import { ApiError, ConnectionError, LoginRefused } from "./client-error.ts";

const quick = { maxRetries: 3, baseSeconds: 1.001, maxSeconds: 0 };

function connect(url: string, retries: Partial<typeof quick> = quick) {
  return new ApiConnection({ url, identifier: "alice", key: "s3cret &=", retries: { ...quick, ...retries } });
}

/** A wait of `1.001·U` seconds would make these tests slow: the least that the rules allow is still up to a second. */
const get = { method: "GET", path: "/networks" } as const;

describe("the token", () => {
  test("is fetched when first needed and shared by concurrent calls", async () => {
    await using api = await scriptedApi((request) => (request.path === "/token" ? undefined : { json: [] }));
    const connection = connect(api.url);
    expect(api.seen).toHaveLength(0);
    await Promise.all([connection.text(get), connection.text(get), connection.text(get)]);
    await connection.text(get);
    const logins = api.seen.filter((request) => request.path === "/token");
    expect(logins).toHaveLength(1);
    expect(new URLSearchParams(logins[0]?.body.toString()).get("password")).toBe("s3cret &=");
    expect(api.calls().every((request) => request.headers.authorization === "Bearer token1")).toBe(true);
  });

  test("is replaced once on 401, for all calls that meet it", async () => {
    await using api = await scriptedApi((request) => {
      if (request.path === "/token") return undefined;
      return request.headers.authorization === "Bearer token1" ? { status: 401, json: { detail: "stale" } } : { json: [] };
    });
    const connection = connect(api.url);
    await Promise.all([connection.text(get), connection.text(get), connection.text(get)]);
    expect(api.seen.filter((request) => request.path === "/token")).toHaveLength(2);
  });

  test("a second 401 is the caller's", async () => {
    await using api = await scriptedApi((request) =>
      request.path === "/token" ? undefined : { status: 401, json: { detail: "Targeted scope 'a-b-c' not accessible" } },
    );
    const error = await connect(api.url)
      .text(get)
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 401, detail: "Targeted scope 'a-b-c' not accessible" });
    expect(api.calls()).toHaveLength(2);
  });

  test("a refused login says whose, is not repeated, and never shows the key", async () => {
    await using api = await scriptedApi(() => ({ status: 401, json: { detail: "Incorrect identity or key" } }));
    const error = await connect(api.url)
      .text(get)
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LoginRefused);
    expect(String(error)).toContain('"alice"');
    expect(String(error)).not.toContain("s3cret");
    expect(api.seen).toHaveLength(1);
  });
});

describe("what is transient", () => {
  test.each([404, 502, 503, 504])("status %i is tried again", async (status) => {
    let calls = 0;
    await using api = await scriptedApi((request) => {
      if (request.path === "/token") return undefined;
      calls += 1;
      return calls < 2 ? { status, json: { detail: "later" } } : { json: ["x"] };
    });
    expect(await connect(api.url).text(get)).toBe('["x"]');
    expect(api.calls()).toHaveLength(2);
  });

  test.each([400, 409, 422, 500])("status %i is not", async (status) => {
    await using api = await scriptedApi((request) =>
      request.path === "/token" ? undefined : { status, json: { detail: "no" } },
    );
    await expect(connect(api.url).text(get)).rejects.toMatchObject({ name: "ApiError", status, detail: "no" });
    expect(api.calls()).toHaveLength(1);
  });

  test("a lost connection is tried again, the login's too", async () => {
    let requests = 0;
    await using api = await scriptedApi(() => {
      requests += 1;
      return requests === 1 || requests === 3 ? "drop" : undefined;
    });
    expect(await connect(api.url).text(get)).toBe("null");
    expect(api.seen.map((request) => request.path)).toEqual(["/token", "/token", "/networks", "/networks"]);
  });

  test("after the last repeat the error names the address and the attempts", async () => {
    const connection = connect("http://127.0.0.1:1", { maxRetries: 1 });
    const error = await connection.text(get).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ attempts: 2, url: "http://127.0.0.1:1" });
  });

  test("404 is final on a route that not every server has", async () => {
    await using api = await scriptedApi((request) =>
      request.path === "/token" ? undefined : { status: 404, json: { detail: "Not Found" } },
    );
    await expect(connect(api.url).text({ ...get, notFoundIsFinal: true })).rejects.toMatchObject({ status: 404 });
    expect(api.calls()).toHaveLength(1);
  });

  test("a long body is sent anew at each attempt", async () => {
    let calls = 0;
    await using api = await scriptedApi((request) => {
      if (request.path === "/token") return undefined;
      calls += 1;
      return calls === 1 ? { status: 503, json: {} } : { json: true };
    });
    const body = new Blob([`"${"x".repeat(1_000_000)}"`]);
    await connect(api.url).text({ method: "POST", path: "/x", body, gzip: true });
    expect(api.calls().map((request) => request.body.length)).toEqual([1_000_002, 1_000_002]);
  });
});

describe("an aborted call", () => {
  test("rejects with the reason while it waits between attempts", async () => {
    await using api = await scriptedApi((request) => (request.path === "/token" ? undefined : { status: 503, json: {} }));
    const controller = new AbortController();
    const reason = new Error("stop");
    const connection = new ApiConnection({
      url: api.url,
      identifier: "a",
      key: "b",
      onRetry: () => queueMicrotask(() => controller.abort(reason)),
    });
    await expect(connection.text({ ...get, signal: controller.signal })).rejects.toBe(reason);
  });

  test("leaves the token to the others that wait for it", async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    await using api = await scriptedApi(async (request) => {
      if (request.path !== "/token") return { json: 1 };
      ask();
      return held;
    });
    const controller = new AbortController();
    const connection = connect(api.url);
    const aborted = connection.text({ ...get, signal: controller.signal });
    const other = connection.text(get);
    await asked;
    controller.abort(new Error("stop"));
    await expect(aborted).rejects.toThrow("stop");
    release(undefined);
    expect(await other).toBe("1");
  });
});

test("an address that is no URL is refused when the client is made", () => {
  expect(() => connect("localhost:8000")).toThrow(/http:\/\/localhost:8000/);
});
