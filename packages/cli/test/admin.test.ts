import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { main } from "../src/main.ts";
import { alchemiscale, type Ended, endServers, type RunningServer, startServer, temporaryDirectory } from "./run-command.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let server: RunningServer;
let environment: Record<string, string>;
beforeAll(async () => {
  directory = temporaryDirectory();
  const data = join(directory.path, "data");
  server = await startServer(data);
  const added = await alchemiscale(["identity", "add", "--data", data, "-t", "admin", "-i", "root", "-k", "-"], {
    input: "the root key\n",
  });
  expect(added.code).toBe(0);
  environment = {
    ALCHEMISCALE_URL: server.userAddress,
    ALCHEMISCALE_ADMIN_ID: "root",
    ALCHEMISCALE_ADMIN_KEY: "the root key",
  };
});
afterAll(async () => {
  await endServers();
  directory[Symbol.dispose]();
});

/** The command in this process: two dozen of its own would take longer than all that they do. */
async function here(args: readonly string[], variables: Record<string, string> = environment): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  const err = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  try {
    await main(args);
    return { code: Number(process.exitCode ?? 0), stdout, stderr };
  } finally {
    process.exitCode = undefined;
    vi.unstubAllEnvs();
    out.mockRestore();
    err.mockRestore();
  }
}

const admin = (args: readonly string[]) => here(["admin", ...args]);

async function login(address: string, username: string, password: string): Promise<number> {
  const response = await fetch(`${address}/token`, { method: "POST", body: new URLSearchParams({ username, password }) });
  await response.body?.cancel();
  return response.status;
}

describe("admin identity", () => {
  test("adds, changes and removes identities of a running server", async () => {
    const add = ["identity", "add", "user", "ana maria", "--new-key", "her key", "-s", "o-*-*", "-s", "x-y-z"];
    const added = await admin(add);
    expect(added).toMatchObject({ code: 0, stdout: "user ana maria: enabled; scopes: o-*-* x-y-z\n" });
    expect(await login(server.userAddress, "ana maria", "her key")).toBe(200);
    const again = await admin(add);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("is there already");
    expect(again.stderr).not.toContain("    at ");

    expect((await admin(["identity", "remove-scope", "user", "ana maria", "x-y-z"])).stdout).toContain("scopes: o-*-*\n");
    expect((await admin(["identity", "disable", "user", "ana maria"])).stdout).toContain("disabled");
    expect(await login(server.userAddress, "ana maria", "her key")).toBe(401);
    expect((await admin(["identity", "enable", "user", "ana maria"])).code).toBe(0);
    expect(await login(server.userAddress, "ana maria", "her key")).toBe(200);
    expect((await admin(["identity", "expire", "user", "ana maria", "2001-01-01T00:00:00Z"])).stdout).toContain("expired 2001");
    expect(await login(server.userAddress, "ana maria", "her key")).toBe(401);
    expect((await admin(["identity", "expire", "user", "ana maria", "never"])).stdout).toContain("enabled");

    const replaced = await admin(["identity", "set-key", "user", "ana maria", "--generate-key"]);
    const key = /^key: (\S+)$/m.exec(replaced.stderr)?.[1] ?? "";
    expect(await login(server.userAddress, "ana maria", "her key")).toBe(401);
    expect(await login(server.userAddress, "ana maria", key)).toBe(200);

    const listed = await admin(["identity", "list", "-t", "user", "--json"]);
    expect(JSON.parse(listed.stdout)).toEqual([
      { type: "user", identifier: "ana maria", scopes: ["o-*-*"], disabled: false, expires: null },
    ]);
    expect((await admin(["identity", "list"])).stdout).toMatch(/admin +root +enabled/);
    expect((await admin(["identity", "remove", "user", "ana maria"])).code).toBe(0);
    expect(await login(server.userAddress, "ana maria", key)).toBe(401);
    const changes = await admin(["identity", "changes"]);
    expect(changes.stdout).toMatch(/user\/ana maria +removed +root/);
    expect(changes.stdout).toMatch(/admin\/root +added.* +a command at the store/);
    expect(changes.stdout).not.toContain(key);
  });

  test("wrong use ends with 2, what cannot be with 1, and neither with a stack trace", async () => {
    for (const [args, code, said] of [
      [["identity", "add", "user", "bo"], 2, "--generate-key"],
      [["identity", "add", "robot", "bo", "--generate-key"], 2, "user, compute, admin"],
      [["identity", "add-scope", "user", "bo", "o-*-p"], 2, "hierarchy"],
      [["identity", "disable", "user", "bo"], 1, "there is no user identity"],
      [["identity", "add-scope", "admin", "root", "o-*-*"], 1, "no scopes"],
      [["identity", "expire", "admin", "root", "tomorrow"], 1, "2030-12-31T23:59:59Z"],
      [["service", "deregister", "no id"], 2, "ComputeServiceID"],
      [["service", "deregister", "gone-00000000000000000000000000000000"], 1, "not registered"],
    ] as const) {
      const ended = await admin(args);
      expect({ args, code: ended.code }).toEqual({ args, code });
      expect(ended.stderr).toContain(said);
      expect(ended.stderr).not.toContain("    at ");
    }
    const nobody = await here(["admin", "identity", "list"], {
      ALCHEMISCALE_URL: server.userAddress,
      ALCHEMISCALE_ID: "root",
      ALCHEMISCALE_KEY: "the root key",
    });
    expect(nobody.code).toBe(2);
    expect(nobody.stderr).toContain("ALCHEMISCALE_ADMIN_ID");
    const wrong = await admin(["identity", "list", "--key", "wrong"]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("check it and its key");
  });
});

describe("admin service", () => {
  test("lists the services that are registered, and ends one", async () => {
    const data = join(directory.path, "data");
    for (const args of [
      ["identity", "add", "-t", "compute", "-i", "gpu", "-k", "gpu key"],
      ["identity", "add-scope", "-t", "compute", "-i", "gpu", "-s", "*-*-*"],
    ])
      expect((await here([...args, "--data", data])).code).toBe(0);
    const form = new URLSearchParams({ username: "gpu", password: "gpu key" });
    const token = (await (await fetch(`${server.computeAddress}/token`, { method: "POST", body: form })).json()) as {
      access_token: string;
    };
    const id = "svc-00000000000000000000000000000001";
    const headers = { authorization: `Bearer ${token.access_token}` };
    const post = (verb: string) =>
      fetch(`${server.computeAddress}/computeservice/${id}/${verb}`, { method: "POST", headers }).then(({ status }) => status);
    expect(await post("register")).toBe(200);
    const listed = await admin(["services", "list", "--json"]);
    expect(JSON.parse(listed.stdout)).toEqual([
      {
        service: id,
        identity: "gpu",
        manager: null,
        host: null,
        versions: null,
        registered: expect.any(String),
        heartbeat: expect.any(String),
        claims: 0,
      },
    ]);
    expect((await admin(["service", "list"])).stdout).toContain(id);
    expect((await admin(["service", "failures", "--name", "svc"])).stdout).toBe("when  service  identity  host  Task\n");
    expect(JSON.parse((await admin(["service", "failures", "--json"])).stdout)).toEqual([]);
    expect((await admin(["service", "failures", "--limit", "0"])).code).toBe(2);
    expect((await admin(["service", "deregister", id])).code).toBe(0);
    expect(await post("heartbeat")).toBe(409);
  });
});

describe("identity, at the store itself", () => {
  test("has the verbs of administrators", async () => {
    const data = join(directory.path, "data");
    const at = (...args: string[]) => here(["identity", ...args, "--data", data]);
    expect((await at("add", "-i", "cy", "-k", "first")).code).toBe(0);
    expect((await at("set-key", "-i", "cy", "-k", "second")).code).toBe(0);
    expect(await login(server.userAddress, "cy", "second")).toBe(200);
    expect((await at("disable", "-i", "cy")).code).toBe(0);
    expect(await login(server.userAddress, "cy", "second")).toBe(401);
    expect((await at("enable", "-i", "cy")).code).toBe(0);
    expect((await at("expire", "-i", "cy", "--when", "2001-01-01T00:00:00Z")).code).toBe(0);
    expect(await login(server.userAddress, "cy", "second")).toBe(401);
    expect((await at("expire", "-i", "cy", "--when", "soon")).code).toBe(2);
    expect((await at("disable", "-i", "nobody")).code).toBe(1);
    expect((await at("add-scope", "-t", "admin", "-i", "root", "-s", "*-*-*")).code).toBe(2);
  });
});
