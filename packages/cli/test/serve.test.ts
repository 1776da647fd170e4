import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { alchemiscale, alchemiscaleJson, endServers, harmonicNetwork, startServer, temporaryDirectory } from "./run-command.ts";

afterEach(endServers);

async function login(address: string, username: string, password: string): Promise<number> {
  const response = await fetch(`${address}/token`, { method: "POST", body: new URLSearchParams({ username, password }) });
  await response.body?.cancel();
  return response.status;
}

describe("serve", () => {
  test("runs both APIs, says where they and the data are, and ends cleanly", async () => {
    using directory = temporaryDirectory();
    const data = join(directory.path, "data");
    const server = await startServer(data);
    expect(await (await fetch(`${server.userAddress}/ping`)).json()).toEqual({ api: "AlchemiscaleAPI" });
    expect((await fetch(`${server.computeAddress}/ping`)).status).toBe(200);
    for (const told of [server.userAddress, server.computeAddress, data]) expect(server.output()).toContain(told);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, "jwt-secret")).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(data, "server.json"), "utf8"))).toMatchObject({ pid: server.pid });
    expect(await server.end("SIGTERM")).toBe(0);
    expect(existsSync(join(data, "server.json"))).toBe(false);
    expect(server.output()).not.toContain(readFileSync(join(data, "jwt-secret"), "utf8").trim());
  });

  test("is refused on a directory that another one serves, until that one is gone, however it went", async () => {
    using directory = temporaryDirectory();
    const first = await startServer(directory.path);
    const second = await alchemiscale(["serve", "--data", directory.path, "--api-port", "0", "--compute-api-port", "0"]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`(process ${first.pid}, ${first.userAddress}) already serves ${directory.path}`);
    expect(second.stderr).not.toContain("    at ");
    expect(await first.end("SIGKILL")).toBe("SIGKILL");
    const third = await startServer(directory.path);
    expect(await third.end("SIGINT")).toBe(0);
  });

  test("lets identities be changed while it runs", async () => {
    using directory = temporaryDirectory();
    const server = await startServer(directory.path);
    expect(await login(server.userAddress, "alice", "wonderland")).toBe(401);
    const added = await alchemiscale([
      "identity",
      "add",
      "--data",
      directory.path,
      "-t",
      "user",
      "-i",
      "alice",
      "-k",
      "wonderland",
    ]);
    expect(added.code).toBe(0);
    expect(added.stderr).toContain(directory.path);
    expect(await login(server.userAddress, "alice", "wonderland")).toBe(200);
    expect(await login(server.computeAddress, "alice", "wonderland")).toBe(401);
    expect((await alchemiscale(["identity", "remove", "--data", directory.path, "-i", "alice"])).code).toBe(0);
    expect(await login(server.userAddress, "alice", "wonderland")).toBe(401);
  });

  test.runIf(process.platform === "linux")("keeps its memory small", async () => {
    using directory = temporaryDirectory();
    // Once before, so that the sources are compiled: this is about a server, not about the first start after an installation.
    await (await startServer(join(directory.path, "before"))).end("SIGTERM");
    const server = await startServer(join(directory.path, "data"));
    await Promise.all([fetch(`${server.userAddress}/ping`), fetch(`${server.computeAddress}/ping`)]);
    const kilobytes = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]);
    // What starting has left is given back soon.
    await expect.poll(kilobytes, { timeout: 20_000 }).toBeLessThan(150 * 1024);
  });

  test("refuses keys that are not those of their content where it is told to, else keeps them", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "edited.json");
    writeFileSync(file, readFileSync(harmonicNetwork, "utf8").replace('"name": "harmonic wells"', '"name": "other wells"'));
    for (const [strict, code] of [
      ["True", 1],
      ["false", 0],
    ] as const) {
      const data = join(directory.path, strict);
      const server = await startServer(data, { environment: { ALCHEMISCALE_STRICT_KEYS: strict } });
      const identity = ["-t", "user", "-i", "alice", "--data", data];
      await alchemiscale(["identity", "add", ...identity, "-k", "wonderland"]);
      await alchemiscale(["identity", "add-scope", ...identity, "-s", "a-*-*"]);
      const submitted = await alchemiscale(["network", "submit", file, "--scope", "a-b-c", "--api-url", server.userAddress], {
        environment: { ALCHEMISCALE_ID: "alice", ALCHEMISCALE_KEY: "wonderland" },
      });
      expect(submitted.code).toBe(code);
      if (code === 1) expect(submitted.stderr).toMatch(/422.*AlchemicalNetwork-/);
      await server.end("SIGTERM");
    }
  });

  test("names the setting that has an impossible value", async () => {
    using directory = temporaryDirectory();
    const environment = { ALCHEMISCALE_COMPUTE_API_TRANSFORMATION_FORM: "xml" };
    const ended = await alchemiscale(["serve", "--data", directory.path], { environment });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("ALCHEMISCALE_COMPUTE_API_TRANSFORMATION_FORM=xml must be one of: auto, chain, json");
  });

  test("says that a port is taken", async () => {
    using directory = temporaryDirectory();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const ended = await alchemiscale(["serve", "--data", directory.path, "--api-port", String(port), "--compute-api-port", "0"]);
    other.close();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`127.0.0.1:${port}`);
    expect(ended.stderr).toContain("in use");
    expect(ended.stderr).not.toContain("    at ");
  });

  test("does not begin an empty store where a Neo4j database was meant", async () => {
    using directory = temporaryDirectory();
    const data = join(directory.path, "data");
    const ended = await alchemiscale(["serve", "--data", data], { environment: { NEO4J_URL: "bolt://localhost:7687" } });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("does not read Neo4j");
    expect(existsSync(data)).toBe(false);
  });

  test("works on stores at other addresses, and so do the commands beside it", async () => {
    using directory = temporaryDirectory();
    const environment = {
      ALCHEMISCALE_STATE_STORE_URL: `sqlite:${join(directory.path, "elsewhere.sqlite")}`,
      ALCHEMISCALE_OBJECT_STORE_URL: `file:${join(directory.path, "blobs")}`,
      JWT_SECRET_KEY: "0123456789abcdef0123456789abcdef",
    };
    const data = join(directory.path, "data");
    const server = await startServer(data, { environment });
    expect(server.output()).toContain("elsewhere.sqlite");
    const args = ["identity", "add", "-i", "bob", "-k", "builder"];
    expect((await alchemiscale(args, { environment })).code).toBe(0);
    expect(await login(server.userAddress, "bob", "builder")).toBe(200);
    const checked = await alchemiscaleJson<{ error: string | null }[]>(["database", "check"], { environment });
    expect(checked.map(({ error }) => error)).toEqual([null, null]);
    expect(existsSync(data)).toBe(false);
  });
});

describe("api and compute api", () => {
  test("serve one API each over the same stores, with one secret", async () => {
    using directory = temporaryDirectory();
    const data = join(directory.path, "data");
    const user = await startServer(data, {}, ["api", "--port", "0"]);
    const compute = await startServer(data, { environment: { ALCHEMISCALE_COMPUTE_API_PORT: "0" } }, ["compute", "api"]);
    expect(await (await fetch(`${user.userAddress}/ping`)).json()).toEqual({ api: "AlchemiscaleAPI" });
    expect(await (await fetch(`${compute.computeAddress}/ping`)).json()).toEqual({ api: "AlchemiscaleComputeAPI" });
    expect([user.computeAddress, compute.userAddress]).toEqual([null, null]);
    expect([await user.end("SIGTERM"), await compute.end("SIGTERM")]).toEqual([0, 0]);
  });
});
