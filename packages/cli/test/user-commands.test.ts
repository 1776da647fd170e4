import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NetworkEstimates } from "@alchemiscale/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  alchemiscale,
  alchemiscaleJson,
  endServers,
  fixture,
  harmonicNetwork,
  type RunningServer,
  startLab,
  temporaryDirectory,
} from "./run-command.ts";

const directory = temporaryDirectory();
const data = join(directory.path, "data");
let server: RunningServer;
let environment: Record<string, string>;

beforeAll(async () => {
  ({ server, environment } = await startLab(data));
});
afterAll(async () => {
  await endServers();
  directory[Symbol.dispose]();
});

describe("from a file to free energies, by commands", () => {
  test("submit, create, action, compute, results", async () => {
    const submitted = await alchemiscale(["network", "submit", harmonicNetwork, "--scope", "lab-a-b"], { environment });
    expect(submitted.code).toBe(0);
    const network = submitted.stdout.trim();
    expect(network).toMatch(/^AlchemicalNetwork-[0-9a-f]{32}-lab-a-b$/);

    const created = await alchemiscaleJson<{ task: string; transformation: string }[]>(["task", "create", network], {
      environment,
    });
    expect(created).toHaveLength(15);
    const [first, second] = created.map(({ task }) => task);
    const actioned = await alchemiscale(["task", "action", network, "-"], { environment, input: `${first}\n${second}\n` });
    expect(actioned).toMatchObject({ code: 0, stdout: `${first}\n${second}\n` });
    const again = await alchemiscale(["task", "action", network, first ?? ""], { environment });
    expect(again).toMatchObject({ code: 1, stdout: "" });

    const configuration = join(directory.path, "service.yaml");
    writeFileSync(
      configuration,
      `init: {api_url: "${server.computeAddress}", identifier: compute, key: compute key, name: ignored,
        shared_basedir: ${directory.path}/shared, scratch_basedir: ${directory.path}/scratch, loglevel: INFO}
start: {max_tasks: 2}\n`,
    );
    const computed = await alchemiscale(["compute", "synchronous", "-c", configuration, "-n", "box", "--executor", "native"]);
    expect(computed).toMatchObject({ code: 0, stdout: "" });
    expect(computed.stderr).toMatch(/\[box-[0-9a-f]{32}\]/);

    const status = await alchemiscaleJson(["network", "status", network], { environment });
    expect(status).toMatchObject({ network, state: "active", tasks: { complete: 2, waiting: 13, error: 0 } });
    const all = await alchemiscale(["network", "status"], { environment });
    expect(all.stdout).toMatch(/complete +2\n/);

    const output = join(directory.path, "results");
    const { by_transformation: results = [], ...estimates } = await alchemiscaleJson<NetworkEstimates>(
      ["results", network, "--output", output],
      { environment },
    );
    expect(estimates).toMatchObject({ network, up_to_date: true, transformations: { total: 15, estimated: 2 } });
    expect(estimates.pairs).toHaveLength(2);
    expect(results).toHaveLength(15);
    const withResults = results.filter((each) => each.succeeded === 1);
    expect(withResults.map(({ transformation }) => transformation).sort()).toEqual(
      created
        .slice(0, 2)
        .map(({ transformation }) => transformation)
        .sort(),
    );
    expect(withResults.every(({ estimate }) => Number.isFinite(estimate))).toBe(true);
    const saved = globSync(join(output, "*", "results", "*.json.zst"));
    expect(saved).toHaveLength(2);
    expect((await alchemiscale(["network", "check", saved[0] ?? ""])).stdout).toContain("ok: true");
    expect(
      existsSync(
        join(output, "..", "results", `${withResults[0]?.transformation.split("-", 2).join("-")}`, "transformation.json"),
      ),
    ).toBe(true);

    const one = await alchemiscale(["results", withResults[0]?.transformation ?? ""], { environment });
    expect(one.stdout).toMatch(/HarmonicSwitchingProtocol +1 +0 +-?\d+\.\d{3} ± 0\.\d{3}/);
    const table = await alchemiscale(["results", network], { environment });
    expect(table.stdout).toMatch(/ΔG of the systems.*\nligand +ΔG \(kcal\/mol\)/);
    expect(table.stdout).toMatch(/ΔΔG of the systems:\nfrom +to +ΔΔG/);
    expect(table.stderr).toContain("2 of 15 transformations have an estimate (2 results, 0 failures");
    const pairs = await alchemiscale(["results", network, "--csv", "--table", "pairs"], { environment });
    expect(pairs.stdout).toMatch(/^observable,ligand_a,ligand_b,name_a,name_b,protocol,estimate,/);
    // Also while the server goes on.
    const rebuilt = await alchemiscaleJson(["database", "rebuild-estimates", "--data", data]);
    expect(rebuilt).toMatchObject({ results: 2, seconds: expect.any(Number) });
    expect((await alchemiscale(["results", network], { environment })).stdout).toBe(table.stdout);
    const cost = await alchemiscale(["cost", network, "--wanted", "1"], { environment });
    expect(cost.stdout).toMatch(/still wanted +13 /);
    expect(cost.stderr).toContain("Learned from 2 Tasks of this network");
  });

  test("what cannot be done is said in one line", async () => {
    const missing = "AlchemicalNetwork-00000000000000000000000000000000-lab-a-b";
    for (const [args, code, said] of [
      [["network", "status", missing], 1, "there is no network"],
      [["network", "status", "nonsense"], 2, "ScopedKey"],
      [["task", "create", "Task-1-lab-a-b"], 2, "is a Task"],
      [["task", "create", missing, "--count", "0"], 2, "1 to 1000"],
      [["network", "submit", harmonicNetwork, "--scope", "lab-*-*"], 2, "wildcard"],
      [["network", "submit", harmonicNetwork, "--scope", "other-a-b"], 1, "other-a-b"],
      [["network", "submit", fixture("ok-result-stored.json.zst"), "--scope", "lab-a-b"], 1, "not an AlchemicalNetwork"],
      [["results", missing, "--api-url", "localhost:8000"], 2, "must be an address"],
    ] as const) {
      const ended = await alchemiscale(args, { environment });
      expect({ args, code: ended.code }).toEqual({ args, code });
      expect(ended.stderr).toContain(said);
      expect(ended.stderr).not.toContain("    at ");
      expect(ended.stdout).toBe("");
    }
    const nobody = await alchemiscale(["network", "status"], { environment: { ...environment, ALCHEMISCALE_KEY: undefined } });
    expect(nobody).toMatchObject({ code: 2 });
    const wrong = await alchemiscale(["network", "status"], { environment: { ...environment, ALCHEMISCALE_KEY: "wrong key" } });
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).not.toContain("wrong key");
  });

  test("a configuration that no service can be made of is wrong use, with every problem named", async () => {
    const configuration = join(directory.path, "bad.yaml");
    writeFileSync(configuration, "api_url: ftp://x\nname: my-box\nidentifier: compute\nkey: k\nshared_basedir: a\n");
    const { code, stderr } = await alchemiscale(["compute", "synchronous", "-c", configuration]);
    expect(code).toBe(2);
    for (const field of ["api_url", "name", "scratch_basedir"]) expect(stderr).toContain(`${field}:`);
    const absent = await alchemiscale(["compute", "synchronous", "-c", join(directory.path, "absent.yaml")]);
    expect(absent).toMatchObject({ code: 2 });
  });

  test("secrets are in no output", () => {
    expect(server.output()).not.toContain("user key");
    expect(server.output()).not.toContain(readFileSync(join(data, "jwt-secret"), "utf8").trim());
  });
});
