/** A protocol and a strategy that only some laboratory has, on a server that is told of its Python. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { alchemiscale, alchemiscaleJson, endServers, startServer, temporaryDirectory } from "./run-command.ts";

afterEach(endServers);

const python = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";
if (python === "")
  console.log("skipped: a server with a Python (ALCHEMISCALE_TEST_PYTHON names none with gufe and stratocaster)");

const packages = join(import.meta.dirname, "..", "..", "..", "python");
const environment = { PYTHONPATH: join(packages, "tests") };

interface Estimate {
  readonly estimate: number | null;
  readonly method: string;
  readonly flags: readonly { readonly code: string; readonly message: string }[];
}

/** A server in `directory`, with the laboratory's network, of whose Transformations the first gets two results. */
async function laboratory(directory: string, options: readonly string[]) {
  const paths = [packages, environment.PYTHONPATH].join(delimiter);
  const program = join(environment.PYTHONPATH, "laboratory.py");
  const env = { ...process.env, PYTHONPATH: paths };
  const [first, second] = execFileSync(python, [program, directory], { env, cwd: directory, encoding: "utf8" }).trim().split(" ");
  const data = join(directory, "data");
  const serve = ["serve", "--api-port", "0", "--compute-api-port", "0", ...options];
  const server = await startServer(data, { environment }, serve);
  await alchemiscale(["identity", "add", "--data", data, "-t", "user", "-i", "alice", "-k", "key"]);
  await alchemiscale(["identity", "add-scope", "--data", data, "-t", "user", "-i", "alice", "-s", "lab-*-*"]);
  const login = new URLSearchParams({ username: "alice", password: "key" });
  const token = (await (await fetch(`${server.userAddress}/token`, { method: "POST", body: login })).json()) as {
    access_token: string;
  };
  const headers = { authorization: `Bearer ${token.access_token}`, "content-type": "application/json" };
  const call = async (path: string, body?: string | Uint8Array<ArrayBuffer>) => {
    const reply = await fetch(
      `${server.userAddress}${path}`,
      body === undefined ? { headers } : { method: "POST", headers, body },
    );
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  };
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const scope = `{"org": "lab", "campaign": "c", "project": "p"}`;
  const submitted = (await call("/networks", `{"network": ${read("network.json")}, "scope": ${scope}, "state": "active"}`)) as {
    gufe_key: string;
  };
  const network = `${submitted.gufe_key}-lab-c-p`;
  for (const number of [0, 1])
    await call(`/v1/transformations/${first}-lab-c-p/results`, new Uint8Array(zstdCompressSync(read(`result-${number}.json`))));
  const estimate = async () => (await call(`/v1/transformations/${first}-lab-c-p/estimate?wait=60`)) as Estimate;
  return { server, data, network, first, second, call, read, estimate };
}

describe.skipIf(python === "")("a server with a Python (ALCHEMISCALE_TEST_PYTHON names one with stratocaster)", () => {
  test("estimates what its Protocol gathers, and executes strategies of its packages", { timeout: 120_000 }, async () => {
    using directory = temporaryDirectory();
    const options = ["--analysis-python", python, "--strategist-interval", "1"];
    const { server, network, first, second, call, read, estimate } = await laboratory(directory.path, options);
    expect(await estimate()).toMatchObject({ estimate: expect.closeTo(1.5, 9), method: "python", flags: [] });
    const settings = `"mode": "partial", "sleep_interval": 1, "max_tasks_per_transformation": 2, "task_scaling": "linear"`;
    await call(`/networks/${network}/strategy`, `{"strategy": ${read("strategy.json")}, ${settings}}`);
    await vi.waitFor(
      async () => {
        const state = (await call(`/networks/${network}/strategy/state`)) as { status: string; iterations: number };
        expect(state).toMatchObject({ status: "awake" });
        expect(state.iterations).toBeGreaterThan(0);
      },
      { timeout: 60_000, interval: 250 },
    );
    const { decisions } = (await call(`/v1/networks/${network}/strategy/decisions`)) as {
      decisions: { weights: Record<string, number> }[];
    };
    expect(decisions[0]?.weights).toEqual({
      [first ?? ""]: expect.closeTo(0.5, 9),
      [second ?? ""]: expect.closeTo(0.5, 9),
    });
    expect(await server.end("SIGTERM")).toBe(0);
  });

  test("without it says what would help, and rebuilding with it helps", { timeout: 120_000 }, async () => {
    using directory = temporaryDirectory();
    const { server, data, estimate } = await laboratory(directory.path, ["--no-strategist"]);
    const { flags } = await estimate();
    expect(flags[0]).toMatchObject({ code: "unknown-protocol", message: expect.stringContaining("--analysis-python") });
    await server.end("SIGTERM");
    const rebuild = ["database", "rebuild-estimates", "--data", data, "--analysis-python", python];
    expect(await alchemiscaleJson(rebuild, { environment })).toMatchObject({ results: 2 });
  });
});
