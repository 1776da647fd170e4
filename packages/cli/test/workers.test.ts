/** Several processes an API, over one PostgreSQL. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { alchemiscale, endServers, harmonicNetwork, startServer, temporaryDirectory } from "./run-command.ts";

const database = await createTestDatabase();
const environment = {
  ALCHEMISCALE_STATE_STORE_URL: database?.url,
  JWT_SECRET_KEY: "0123456789abcdef0123456789abcdef",
};

afterEach(endServers);
afterAll(() => database?.drop());

/** Of a process, as the system knows them. */
function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

async function token(address: string): Promise<string> {
  const body = new URLSearchParams({ username: "alice", password: "wonderland" });
  const response = await fetch(`${address}/token`, { method: "POST", body });
  if (response.status !== 200) throw new Error(await response.text());
  return ((await response.json()) as { access_token: string }).access_token;
}

/** A request on a connection of its own, so that any worker may get it. */
async function get(address: string, authorization: string): Promise<number> {
  const sent = request(address, { headers: { authorization, connection: "close" }, agent: false }).end();
  const [response] = await once(sent, "response");
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

async function addAlice(): Promise<void> {
  const alice = ["-i", "alice"];
  expect((await alchemiscale(["identity", "add", ...alice, "-k", "wonderland"], { environment })).code).toBe(0);
  expect((await alchemiscale(["identity", "add-scope", ...alice, "-s", "*-*-*"], { environment })).code).toBe(0);
}

describe.skipIf(database === undefined || process.platform !== "linux")("an API with several workers", () => {
  test("shares one port and one secret, replaces workers that die, and ends with what it has begun", async () => {
    using directory = temporaryDirectory();
    await addAlice();
    const server = await startServer(directory.path, { environment }, ["api", "--port", "0", "--workers", "3"]);
    expect(server.output()).toContain("workers");
    expect(server.output().match(/alchemiscale is running/g)).toHaveLength(1);
    const first = children(server.pid);
    expect(first).toHaveLength(3);
    const authorization = `Bearer ${await token(server.userAddress)}`;
    const many = () => Promise.all(Array.from({ length: 30 }, () => get(`${server.userAddress}/networks`, authorization)));
    expect(new Set(await many())).toEqual(new Set([200]));

    process.kill(first[0] ?? 0, "SIGKILL");
    await expect.poll(() => children(server.pid).filter((pid) => !first.includes(pid))).toHaveLength(1);
    expect(new Set(await many())).toEqual(new Set([200]));
    expect(server.output()).toContain("a worker has ended; another one takes its place");
    // It takes its turn as soon as it listens.
    expect(children(server.pid)).toHaveLength(3);

    // Half a submission is there when the signal comes; the other half comes later.
    const network = readFileSync(harmonicNetwork, "utf8");
    const body = Buffer.from(
      JSON.stringify({ network: JSON.parse(network), scope: { org: "a", campaign: "b", project: "c" }, state: "active" }),
    );
    const upload = request(`${server.userAddress}/networks`, {
      method: "POST",
      agent: false,
      headers: { authorization, "content-type": "application/json", "content-length": body.length },
    });
    const answered = once(upload, "response");
    await new Promise((resolve) => upload.write(body.subarray(0, 1000), resolve));
    await expect.poll(() => connections(server.userAddress)).toBeGreaterThan(0);
    const ended = server.end("SIGTERM");
    await expect.poll(() => server.output()).toContain("Ending");
    upload.end(body.subarray(1000));
    const [response] = await answered;
    expect([response.statusCode, await text(response)]).toEqual([200, expect.stringContaining("AlchemicalNetwork-")]);
    expect(await ended).toBe(0);
    for (const pid of first) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  test("replaces one whose event loop stands still, while the others go on", async () => {
    using directory = temporaryDirectory();
    const preload = `data:text/javascript,${encodeURIComponent(
      `import { channel } from "node:diagnostics_channel";
       channel("http.server.request.start").subscribe(({ request }) => { while (request.url === "/stand-still"); });`,
    )}`;
    const server = await startServer(directory.path, { environment: { ...environment, NODE_OPTIONS: `--import=${preload}` } }, [
      ..."api --port 0 --workers 2 -j".split(" "),
      '{"timeout": 2}',
    ]);
    const first = children(server.pid);
    await expect(get(`${server.userAddress}/stand-still`, "none")).rejects.toThrow(/socket hang up|ECONNRESET/);
    await expect.poll(() => children(server.pid).filter((pid) => !first.includes(pid))).toHaveLength(1);
    expect(server.output()).toMatch(/a worker has not answered for its timeout and is killed/);
    expect(await get(`${server.userAddress}/ping`, "none")).toBe(200);
    // The one that answers stayed.
    expect(children(server.pid).filter((pid) => first.includes(pid))).toHaveLength(1);
    expect(await server.end("SIGTERM")).toBe(0);
  });

  test("of compute is the same command with other names, and both may run side by side", async () => {
    using directory = temporaryDirectory();
    const config = { ...environment, ALCHEMISCALE_COMPUTE_API_PORT: "0" };
    const json = '{"workers": 2, "graceful_timeout": 5, "timeout": 30}';
    const compute = await startServer(directory.path, { environment: config }, ["compute", "api", "-j", json]);
    const user = await startServer(directory.path, { environment }, ["api", "--port", "0"]);
    expect(children(compute.pid)).toHaveLength(2);
    expect(await (await fetch(`${compute.computeAddress}/ping`)).json()).toEqual({ api: "AlchemiscaleComputeAPI" });
    expect(await (await fetch(`${user.userAddress}/ping`)).json()).toEqual({ api: "AlchemiscaleAPI" });
    expect([await user.end("SIGTERM"), await compute.end("SIGINT")]).toEqual([0, 0]);
  });

  test("whose first worker cannot start says why, once, and ends", async () => {
    using directory = temporaryDirectory();
    const absent = { ...environment, ALCHEMISCALE_STATE_STORE_URL: "postgres://nobody:secret@127.0.0.1:1/nowhere" };
    const ended = await alchemiscale(["api", "--port", "0", "--workers", "3", "--data", directory.path], { environment: absent });
    expect(ended.code).toBe(1);
    expect(ended.stderr.match(/cannot be reached/g)).toHaveLength(1);
    expect(ended.stderr).not.toContain("secret");
    const wrong = { ...environment, JWT_EXPIRE_SECONDS: "soon" };
    const refused = await alchemiscale(["api", "--port", "0", "--workers", "2", "--data", directory.path], {
      environment: wrong,
    });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("JWT_EXPIRE_SECONDS=soon must be") });
  });

  test("is refused with neither a secret nor a data directory in common", async () => {
    for (const command of [["api"], ["compute", "api"]]) {
      for (const workers of ["1", "2"]) {
        const ended = await alchemiscale([...command, "--port", "0", "--workers", workers], {
          environment: { ALCHEMISCALE_STATE_STORE_URL: database?.url },
        });
        expect(ended.code).toBe(2);
        expect(ended.stderr).toContain("set JWT_SECRET_KEY to the same text for all of them");
      }
    }
    // A directory in common keeps the secret.
    using directory = temporaryDirectory();
    const server = await startServer(directory.path, { environment: { ...environment, JWT_SECRET_KEY: undefined } }, [
      "api",
      "--port",
      "0",
      "--workers",
      "2",
    ]);
    expect(server.output()).toContain(join(directory.path, "jwt-secret"));
    expect(await server.end("SIGTERM")).toBe(0);
  });
});

describe("on a SQLite file", () => {
  test("several workers are refused, with a pointer to PostgreSQL", async () => {
    using directory = temporaryDirectory();
    for (const command of [["api"], ["compute", "api"]]) {
      const ended = await alchemiscale([...command, "--workers", "2", "--port", "0", "--data", directory.path]);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/--workers 2 needs PostgreSQL.*ALCHEMISCALE_STATE_STORE_URL to postgres:\/\//);
    }
  });

  test("each API has one process, and the two run side by side", async () => {
    using directory = temporaryDirectory();
    const user = await startServer(directory.path, {}, ["api", "--port", "0"]);
    const compute = await startServer(directory.path, {}, ["compute", "api", "--port", "0", "--workers", "1"]);
    const second = await alchemiscale(["api", "--port", "0", "--data", directory.path]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/another process serves the user API on .*state\.sqlite.*PostgreSQL/);
    const all = await alchemiscale(["serve", "--api-port", "0", "--compute-api-port", "0", "--data", directory.path]);
    expect(all.code).toBe(1);
    expect(await user.end("SIGKILL")).toBe("SIGKILL");
    const again = await startServer(directory.path, {}, ["api", "--port", "0"]);
    expect([await again.end("SIGTERM"), await compute.end("SIGTERM")]).toEqual([0, 0]);
  });
});

/** Established ones to a port of this machine, counted at the server's side. */
function connections(address: string): number {
  const port = Number(new URL(address).port).toString(16).toUpperCase().padStart(4, "0");
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
  return lines.filter((line) => new RegExp(`^\\s*\\d+: [0-9A-F]{8}:${port} [0-9A-F]{8}:[0-9A-F]{4} 01`).test(line)).length;
}
