import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NetworkEstimates } from "@alchemiscale/contract";
import { describe, expect, test } from "vitest";
import { labOfFile } from "./lab.ts";
import { alchemiscale, alchemiscaleJson, fixture, harmonicNetwork } from "./run-command.ts";

const lab = labOfFile();
const { data, file, run, json } = lab;

describe("from a file to free energies, by commands", () => {
  test("submit, create, action, compute, results", async () => {
    const submitted = await run("network", "submit", harmonicNetwork, "--scope", "lab-a-b");
    expect(submitted.code).toBe(0);
    const network = submitted.stdout.trim();
    expect(network).toMatch(/^AlchemicalNetwork-[0-9a-f]{32}-lab-a-b$/);

    const created = await json<{ task: string; transformation: string }[]>("task", "create", network);
    expect(created).toHaveLength(15);
    const [first, second] = created.map(({ task }) => task);
    const actioned = await lab.pipe(`${first}\n${second}\n`, "task", "action", network, "-");
    expect(actioned).toMatchObject({ code: 0, stdout: `${first}\n${second}\n` });
    const again = await run("task", "action", network, first ?? "");
    expect(again).toMatchObject({ code: 1, stdout: "" });

    const configuration = file("service.yaml");
    writeFileSync(
      configuration,
      `init: {api_url: "${lab.server.computeAddress}", identifier: compute, key: compute key, name: ignored,
        shared_basedir: ${file("shared")}, scratch_basedir: ${file("scratch")}, loglevel: INFO}
start: {max_tasks: 2}\n`,
    );
    const computed = await alchemiscale(["compute", "synchronous", "-c", configuration, "-n", "box", "--executor", "native"]);
    expect(computed).toMatchObject({ code: 0, stdout: "" });
    expect(computed.stderr).toMatch(/\[box-[0-9a-f]{32}\]/);

    const status = await json("network", "status", network);
    expect(status).toMatchObject({ network, state: "active", tasks: { complete: 2, waiting: 13, error: 0 } });
    const all = await run("network", "status");
    expect(all.stdout).toMatch(/complete +2\n/);

    const output = file("results");
    const { by_transformation: results = [], ...estimates } = await json<NetworkEstimates>(
      "results",
      network,
      "--output",
      output,
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

    const one = await run("results", withResults[0]?.transformation ?? "");
    expect(one.stdout).toMatch(/HarmonicSwitchingProtocol +1 +0 +-?\d+\.\d{3} ± 0\.\d{3}/);
    const table = await run("results", network);
    expect(table.stdout).toMatch(/ΔG of the systems.*\nligand +ΔG \(kcal\/mol\)/);
    expect(table.stdout).toMatch(/ΔΔG of the systems:\nfrom +to +ΔΔG/);
    expect(table.stderr).toContain("2 of 15 transformations have an estimate (2 results, 0 failures");
    const pairs = await run("results", network, "--csv", "--table", "pairs");
    expect(pairs.stdout).toMatch(/^observable,ligand_a,ligand_b,name_a,name_b,protocol,estimate,/);
    // Also while the server goes on.
    const rebuilt = await alchemiscaleJson(["database", "rebuild-estimates", "--data", data]);
    expect(rebuilt).toMatchObject({ results: 2, seconds: expect.any(Number) });
    expect((await run("results", network)).stdout).toBe(table.stdout);
    const cost = await run("cost", network, "--wanted", "1");
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
      const ended = await run(...args);
      expect({ args, code: ended.code }).toEqual({ args, code });
      expect(ended.stderr).toContain(said);
      expect(ended.stderr).not.toContain("    at ");
      expect(ended.stdout).toBe("");
    }
    const nobody = await alchemiscale(["network", "status"], {
      environment: { ...lab.environment, ALCHEMISCALE_KEY: undefined },
    });
    expect(nobody).toMatchObject({ code: 2 });
    const wrong = await alchemiscale(["network", "status"], {
      environment: { ...lab.environment, ALCHEMISCALE_KEY: "wrong key" },
    });
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).not.toContain("wrong key");
  });

  test("a configuration that no service can be made of is wrong use, with every problem named", async () => {
    const configuration = file("bad.yaml");
    writeFileSync(configuration, "api_url: ftp://x\nname: my-box\nidentifier: compute\nkey: k\nshared_basedir: a\n");
    const { code, stderr } = await alchemiscale(["compute", "synchronous", "-c", configuration]);
    expect(code).toBe(2);
    for (const field of ["api_url", "name", "scratch_basedir"]) expect(stderr).toContain(`${field}:`);
    const absent = await alchemiscale(["compute", "synchronous", "-c", file("absent.yaml")]);
    expect(absent).toMatchObject({ code: 2 });
  });

  test("secrets are in no output", () => {
    expect(lab.server.output()).not.toContain("user key");
    expect(lab.server.output()).not.toContain(readFileSync(join(data, "jwt-secret"), "utf8").trim());
  });
});
