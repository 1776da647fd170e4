import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  alchemiscale,
  alchemiscaleJson,
  endServers,
  type RunningServer,
  startServer,
  temporaryDirectory,
} from "./run-command.ts";

const directory = temporaryDirectory();
const data = join(directory.path, "data");
const config = join(directory.path, "config");
const file = join(config, "profiles.json");
const environment = { ALCHEMISCALE_CONFIG: config };
let server: RunningServer;

beforeAll(async () => {
  server = await startServer(data);
  await alchemiscale(["identity", "add", "--data", data, "-i", "ada", "-k", "a secret key"]);
  await alchemiscale(["identity", "add-scope", "--data", data, "-i", "ada", "-s", "lab-*-*"]);
});
afterAll(async () => {
  await endServers();
  directory[Symbol.dispose]();
});

test("a login that the server accepts is kept, and used where nothing else is said", async () => {
  const login = ["login", "--api-url", server.userAddress, "--identifier", "ada"];
  const wrong = await alchemiscale(login, { environment, input: "another key\n" });
  expect(wrong).toMatchObject({ code: 1 });
  expect(await alchemiscaleJson(["profile", "list"], { environment })).toEqual([]);
  expect(await alchemiscale(["network", "list"], { environment })).toMatchObject({ code: 2 });

  const accepted = await alchemiscale(login, { environment, input: "a secret key\n" });
  expect(accepted).toMatchObject({ code: 0, stdout: "" });
  expect(accepted.stderr).toContain("lab-*-*");
  expect(accepted.stderr).not.toContain("a secret key");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(config).mode & 0o777).toBe(0o700);
  expect(await alchemiscaleJson(["network", "list"], { environment })).toEqual([]);
  const listed = await alchemiscale(["profile", "list"], { environment });
  expect(listed.stdout).toContain("ada");
  expect(listed.stdout + listed.stderr).not.toContain("a secret key");
});

test("named profiles are used by their names, and their keys go nowhere else", async () => {
  const input = "a secret key";
  await alchemiscale(["login", "--profile", "work", "--api-url", server.userAddress, "--identifier", "ada"], {
    environment,
    input,
  });
  const astray = { ...environment, ALCHEMISCALE_URL: "http://127.0.0.1:9", ALCHEMISCALE_ID: "bob", ALCHEMISCALE_KEY: "x" };
  expect(await alchemiscaleJson(["network", "list", "--profile", "work"], { environment: astray })).toEqual([]);
  const elsewhere = await alchemiscale(["network", "list", "--api-url", "http://127.0.0.1:9"], { environment });
  expect(elsewhere).toMatchObject({ code: 2 });
  const both = await alchemiscale(["network", "list", "--profile", "work", "--api-url", server.userAddress], { environment });
  expect(both).toMatchObject({ code: 2 });
  const unknown = await alchemiscale(["network", "list", "--profile", "play"], { environment });
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain("there are default, work");
  expect(await alchemiscale(["logout", "--profile", "work"], { environment })).toMatchObject({ code: 0 });
  expect(readFileSync(file, "utf8")).not.toContain("work");
  expect(await alchemiscale(["logout", "--profile", "work"], { environment })).toMatchObject({ code: 1 });
});

test.skipIf(process.platform === "win32")("a file that others can read, or that is none of ours, is refused", async () => {
  const other = join(directory.path, "other");
  mkdirSync(other);
  writeFileSync(join(other, "profiles.json"), "{}", { mode: 0o644 });
  chmodSync(join(other, "profiles.json"), 0o644);
  const options = { environment: { ALCHEMISCALE_CONFIG: other } };
  const open = await alchemiscale(["network", "list"], options);
  expect(open).toMatchObject({ code: 2 });
  expect(open.stderr).toContain("chmod 600");
  writeFileSync(join(other, "profiles.json"), "no JSON");
  chmodSync(join(other, "profiles.json"), 0o600);
  expect((await alchemiscale(["network", "list"], options)).stderr).toContain("no file of profiles");
});
