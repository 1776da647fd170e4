/** Strategies of networks, as a user sets and follows them, while `serve` or `strategist` executes them. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { defaultStrategies } from "../src/strategy/default-strategies.ts";
import { startLab } from "./lab.ts";
import {
  alchemiscale,
  alchemiscaleJson,
  bin,
  cleanEnvironment,
  endServers,
  harmonicNetwork,
  temporaryDirectory,
} from "./run-command.ts";

vi.setConfig({ testTimeout: 60_000 });

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const interpreter = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";

async function lab(name: string, ...options: readonly string[]) {
  const data = join(directory.path, name);
  const { server, environment } = await startLab(data, ...options);
  const submitted = await alchemiscaleJson<{ network: string }>(["network", "submit", harmonicNetwork, "--scope", "lab-a-b"], {
    environment,
  });
  return { data, server, environment, network: submitted.network };
}

interface Shown {
  readonly mode: string;
  readonly status: string;
  readonly iterations: number;
  readonly blocked: string | null;
  readonly members: readonly { readonly strategy: string; readonly until: string; readonly weight: number }[];
  readonly last_decision: { readonly created: readonly string[]; readonly why: readonly string[] } | null;
}

describe("a server", () => {
  let given: Awaited<ReturnType<typeof lab>>;
  beforeAll(async () => {
    given = await lab("serving", "--strategist-interval", "1");
  });
  afterAll(endServers);
  const strategy = (verb: string, ...args: readonly string[]) =>
    alchemiscale(["strategy", verb, given.network, ...args], { environment: given.environment });
  const show = () => alchemiscaleJson<Shown>(["strategy", "show", given.network], { environment: given.environment });

  test("without a strategy says how to set one", async () => {
    const { code, stderr } = await strategy("show");
    expect(code).toBe(1);
    expect(stderr).toContain("alchemiscale strategy set");
  });

  test("executes a stack that was set, and tells what was decided and why", async () => {
    const rules = ["--strategy", "connectivity,until=connected", "--strategy", "uncertainty,weight=2", "--combine", "sequence"];
    const set = await strategy("set", ...rules, "--sleep-interval", "1", "--max-tasks", "2");
    expect(set.stderr).toBe("");
    expect(set.stdout).toContain("Stack, sequence");
    expect(set.stdout).toMatch(/ConnectivityStrategy-\w+-lab-a-b, until connected/);
    await expect.poll(async () => (await show()).iterations, { timeout: 30_000 }).toBeGreaterThan(0);
    const shown = await show();
    expect(shown).toMatchObject({ mode: "partial", status: "awake", blocked: null });
    expect(shown.members.map(({ until, weight }) => [until, weight])).toEqual([
      ["connected", 1],
      ["done", 2],
    ]);
    const decided = await alchemiscaleJson<{ created: string[]; why: string[]; iteration: number }[]>(
      ["strategy", "decisions", given.network, "--limit", "50"],
      { environment: given.environment },
    );
    const first = decided.at(-1);
    expect(first?.iteration).toBe(1);
    expect(first?.created.length).toBeGreaterThan(0);
    expect(first?.why.join()).toContain("Member 1");
    const table = await strategy("decisions");
    expect(table.stdout).toMatch(/iteration +at +outcome +created/);
    expect((await strategy("show")).stdout).toContain("Decided at");
  });

  test("stops for a strategy that is disabled, and goes on where it was", async () => {
    expect((await strategy("disable")).stdout).toContain("Mode disabled");
    const { iterations } = await show();
    expect(iterations).toBeGreaterThan(0);
    expect((await strategy("change", "--mode", "full")).stdout).toContain("Mode full");
    await expect.poll(async () => (await show()).iterations, { timeout: 30_000 }).toBeGreaterThan(iterations);
    expect((await strategy("wake")).code).toBe(0);
  });

  test("refuses what is no strategy, no rule and no change", async () => {
    const wrong = await strategy("set", "--strategy", "certainty");
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("uncertainty")]);
    const rule = await strategy("set", "--strategy", "uncertainty,role=chief");
    expect([rule.code, rule.stderr]).toEqual([2, expect.stringContaining("veto")]);
    expect((await strategy("change")).code).toBe(2);
    const settings = join(directory.path, "settings.json");
    writeFileSync(settings, (defaultStrategies.connectivity ?? "").replace('"decay_rate": 0.5', '"decay_rate": 3.0'));
    const invalid = await strategy("set", "--strategy", settings);
    expect([invalid.code, invalid.stderr]).toEqual([2, expect.stringContaining("decay_rate is 3; must be < 1")]);
  });

  test("tells of a strategy that was just set nothing that another one decided", async () => {
    // Alone in the network, and only to be executed by Python, which is not there.
    const foreign = join(directory.path, "foreign.json");
    const dictionary = '{"settings": null, "__qualname__": "Lab", "__module__": "lab", ":version:": 1}';
    writeFileSync(foreign, `[["Lab-00000000000000000000000000000001", ${dictionary}]]`);
    expect((await strategy("set", "--strategy", foreign)).code).toBe(0);
    expect((await show()).last_decision).toBeNull();
    expect((await strategy("show")).stdout).not.toContain("Decided at");
    expect((await alchemiscaleJson<unknown[]>(["strategy", "decisions", given.network], given)).length).toBeGreaterThan(0);
  });

  test("shows settings with the characters in which they came", async () => {
    const settings = join(directory.path, "characters.json");
    // Another key: under one that is there the first text stays.
    const chain = (defaultStrategies.connectivity ?? "").replace(/-[0-9a-f]{32}/, `-${"1".repeat(32)}`);
    writeFileSync(settings, chain.replace('"decay_rate": 0.5', '"decay_rate": 0.50'));
    for (const shown of [await strategy("set", "--strategy", settings, "--json"), await strategy("show", "--json")]) {
      expect(shown.stdout).toContain('"decay_rate": 0.50');
      expect(JSON.parse(shown.stdout)).toMatchObject({ members: [{ weight: 1 }] });
    }
  });

  test("forgets a strategy that is removed", async () => {
    expect((await strategy("remove")).code).toBe(0);
    expect((await strategy("show")).code).toBe(1);
  });

  test.skipIf(interpreter === "")(
    "the unmodified Python client sets a strategy, and reads its state while it runs (ALCHEMISCALE_TEST_PYTHON)",
    async () => {
      const program = join(import.meta.dirname, "python", "strategies.py");
      const { userAddress } = given.server;
      const { stdout } = await promisify(execFile)(interpreter, [program, userAddress, "user", "user key", given.network]);
      expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
        same: true,
        executed: { mode: "partial", status: "awake", exception: null },
        actioned: true,
        removed: null,
        stacked: true,
      });
    },
  );
});

test("`serve --no-strategist` leaves strategies to `strategist --config-file`", async () => {
  const { data, environment, network } = await lab("apart", "--no-strategist");
  const set = ["strategy", "set", network, "--strategy", "connectivity", "--sleep-interval", "1"];
  expect((await alchemiscale(set, { environment })).code).toBe(0);
  const config = join(directory.path, "strategist.yaml");
  writeFileSync(config, "sleep_interval: 1\nmax_workers: 2\nscopes: null\nloglevel: INFO\ncache_size_limit: 1000\n");
  const child = spawn(process.execPath, [bin, "strategist", "--config-file", config, "--data", data], {
    stdio: ["ignore", "inherit", "pipe"],
    env: cleanEnvironment(),
  });
  let log = "";
  child.stderr.on("data", (chunk) => (log += chunk));
  try {
    const show = () => alchemiscaleJson<Shown>(["strategy", "show", network], { environment });
    await expect.poll(async () => (await show()).iterations, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(log).toContain("[strategist] [INFO] a strategy was executed");
    expect(log).not.toContain("cache_size_limit");
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  } finally {
    child.kill("SIGKILL");
    await endServers();
  }
});

test("a configuration that cannot be is refused with what is wrong", async () => {
  const config = join(directory.path, "wrong.yaml");
  writeFileSync(config, "sleep_interval: 0\nscopes: [a-*-b]\n");
  const { code, stderr } = await alchemiscale(["strategist", "--config-file", config, "--data", directory.path]);
  expect(code).toBe(2);
  expect(stderr).toContain("sleep_interval");
  expect(stderr).toContain("scopes");
});
