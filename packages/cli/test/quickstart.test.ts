import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { exactFreeEnergy } from "@alchemiscale/compute";
import { afterEach, describe, expect, test, vi } from "vitest";
import { runQuickstart } from "../src/quickstart/run-quickstart.ts";
import { alchemiscale, bin, cleanEnvironment } from "./run-command.ts";

/** `reference to soft  -0.635 ± 0.009  -0.616  −2.1 σ` */
const row = /^(\S+ to \S+) +(-?\d+\.\d+) ± (\d+\.\d+) +(-?\d+\.\d+) /gm;

const estimatesIn = (output: string) =>
  new Map(
    [...output.matchAll(row)].map(([, name = "", estimate, uncertainty, exact]) => [name, { estimate, uncertainty, exact }]),
  );

/** A run that failed leaves its logs. */
async function removeKept(output: string): Promise<void> {
  const directory = /Logs and data of this run: (\S+)/.exec(output)?.[1];
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}

afterEach(() => vi.restoreAllMocks());

describe("the quickstart", () => {
  test("computes the network with two services and finds the exact free energies; a seed repeats it, and a wrong exact value fails it", async () => {
    const begun = performance.now();
    const { code, stdout } = await alchemiscale(["quickstart"]);
    expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" });
    expect(performance.now() - begun).toBeLessThan(90_000);
    expect(stdout).toMatch(/complete +45\n/);
    expect(stdout).toContain("The estimates agree with the exact values");
    const estimates = estimatesIn(stdout);
    expect(estimates.size).toBe(15);
    const seed = Number(/--seed (\d+)/.exec(stdout)?.[1]);
    const directory = /^data +(\S+)/m.exec(stdout)?.[1] ?? "";
    expect(existsSync(directory)).toBe(false);

    let output = "";
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      output += chunk;
      return true;
    });
    let wrong = true;
    const exact = (transformation: string) => {
      const value = exactFreeEnergy(transformation) + (wrong ? 0.2 : 0);
      wrong = false;
      return value;
    };
    const good = await runQuickstart({ seed, exact });
    vi.restoreAllMocks();
    await removeKept(output);
    expect(good).toBe(false);
    expect(output).toContain("The estimates do not agree with the exact values");
    expect(output).toMatch(/complete +45\n/);
    for (const [name, { estimate, uncertainty }] of estimatesIn(output)) {
      expect([name, estimate, uncertainty]).toEqual([name, estimates.get(name)?.estimate, estimates.get(name)?.uncertainty]);
    }
  }, 180_000);

  test("leaves the server running when it is asked to, and can be looked at", async () => {
    const child = spawn(process.execPath, [bin, "quickstart", "--keep"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: cleanEnvironment(),
    });
    const output = await text(child.stdout);
    const directory = /rm -r (\S+)/.exec(output)?.[1] ?? "";
    const pid = Number(/kill (\d+)/.exec(output)?.[1]);
    try {
      const variable = (name: string) => new RegExp(`${name}=(\\S+)`).exec(output)?.[1];
      const environment = Object.fromEntries(
        ["ALCHEMISCALE_URL", "ALCHEMISCALE_ID", "ALCHEMISCALE_KEY"].map((name) => [name, variable(name)]),
      );
      const network = /results (AlchemicalNetwork-\S+)/.exec(output)?.[1] ?? "";
      const { stdout } = await alchemiscale(["network", "status", network], { environment });
      expect(stdout).toMatch(/complete +45\n/);
      expect(existsSync(directory)).toBe(true);
    } finally {
      process.kill(pid, "SIGKILL");
      await rm(directory, { recursive: true, force: true });
    }
  }, 120_000);

  test("ends everything that it started when it is interrupted", async () => {
    const child = spawn(process.execPath, [bin, "quickstart"], { stdio: ["ignore", "pipe", "inherit"], env: cleanEnvironment() });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    const ended = once(child, "close");
    while (!output.includes("Created and actioned")) await once(child.stdout, "data");
    child.kill("SIGINT");
    expect((await ended)[0]).toBe(130);
    await expect(fetch(`${/users at (\S+),/.exec(output)?.[1]}/ping`)).rejects.toThrow();
    expect(existsSync(/^data +(\S+)/m.exec(output)?.[1] ?? "")).toBe(false);
  }, 60_000);

  test("says what is wrong with an interpreter that is none", async () => {
    const { code, stdout, stderr } = await alchemiscale(["quickstart", "--python", "/nonexistent/python"]);
    await removeKept(stdout);
    expect(code).toBe(1);
    expect(stderr).toContain("there is no interpreter /nonexistent/python");
  });
});
