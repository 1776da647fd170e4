import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { alchemiscale, alchemiscaleJson, temporaryDirectory } from "./run-command.ts";

describe("identity", () => {
  test("keeps identities of people and of services apart, and lists them as Python does", async () => {
    using directory = temporaryDirectory();
    const environment = { ALCHEMISCALE_DATA: join(directory.path, "data") };
    const run = (...args: string[]) => alchemiscale(["identity", ...args], { environment });
    expect((await run("list")).stdout).toBe("[]\n");
    expect((await run("add", "-i", "alice", "-k", "-")).code).toBe(2);
    const { code } = await alchemiscale(["identity", "add", "-i", "alice", "-k", "-"], { environment, input: "secret\n" });
    expect(code).toBe(0);
    expect((await run("add", "-t", "compute", "-i", "gpu", "-k", "secret")).code).toBe(0);
    expect((await run("list")).stdout).toBe("['alice']\n");
    expect((await run("list", "-t", "compute")).stdout).toBe("['gpu']\n");
    expect((await run("remove", "-t", "compute", "-i", "nobody")).code).toBe(0);
  });

  test("gives and takes scopes, in order, without duplicates; adding again clears them", async () => {
    using directory = temporaryDirectory();
    const environment = { ALCHEMISCALE_DATA: directory.path };
    const run = (...args: string[]) => alchemiscale(["identity", ...args], { environment });
    await run("add", "-i", "alice", "-k", "secret");
    await run("add-scope", "-i", "alice", "-s", "q-*-*", "-s", "o-c-p", "-s", "q-*-*");
    expect((await run("list-scope", "-i", "alice")).stdout).toBe("['q-*-*', 'o-c-p']\n");
    await run("remove-scope", "-i", "alice", "--scope", "q-*-*");
    expect(await alchemiscaleJson(["identity", "list-scope", "-i", "alice"], { environment })).toEqual(["o-c-p"]);
    await run("add", "-i", "alice", "-k", "other");
    expect((await run("list-scope", "-i", "alice")).stdout).toBe("[]\n");
    expect((await run("add-scope", "-i", "nobody", "-s", "o-c-p")).code).toBe(0);
  });

  test("wrong use ends with 2 and an explanation", async () => {
    using directory = temporaryDirectory();
    const environment = { ALCHEMISCALE_DATA: directory.path };
    const run = (...args: string[]) => alchemiscale(["identity", ...args], { environment });
    for (const [args, said] of [
      [["add", "-i", "alice"], "--key"],
      [["add", "-k", "x"], "--identifier"],
      [["add", "-t", "robot", "-i", "a", "-k", "b"], "user, compute"],
      [["add", "-i", "alice", "-k", ""], "empty"],
      [["add-scope", "-i", "alice", "-s", "o-*-p"], "hierarchy"],
      [["add-scope", "-i", "alice"], "--scope"],
      [["frobnicate"], "unknown command"],
    ] as const) {
      const { code, stderr } = await run(...args);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(stderr).toContain(said);
      expect(stderr).not.toContain("    at ");
    }
  });
});
