import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { alchemiscale, bin, cleanEnvironment, endServers, temporaryDirectory } from "./run-command.ts";

/** Makes the running Node say that it is an old one. */
const pretendOld = [
  "--import",
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.0.0'}})",
];

afterEach(endServers);

describe("the bin on a Node that is too old", () => {
  test("runs itself on the packaged one, passing arguments and exit code through", async () => {
    expect(await alchemiscale(["--version"], { node: pretendOld })).toMatchObject({ code: 0, stdout: "0.1.0\n" });
    expect(await alchemiscale(["identity", "add"], { node: pretendOld })).toMatchObject({ code: 2 });
  });

  test.runIf(process.platform === "linux")("stays small while it waits, and hands signals on", async () => {
    using directory = temporaryDirectory();
    const child = spawn(
      process.execPath,
      [...pretendOld, bin, "serve", "--data", directory.path, "--api-port", "0", "--compute-api-port", "0"],
      { stdio: ["ignore", "pipe", "inherit"], env: cleanEnvironment() },
    );
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    while (!output.includes("Stop it")) await once(child.stdout, "data");
    const kilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]);
    expect(kilobytes).toBeLessThan(60 * 1024);
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    expect(output).toContain("Ending");
  });
});

test.runIf(process.platform === "linux")("a server has an allocator that gives memory back, unless told of another", async () => {
  using directory = temporaryDirectory();
  const environmentOf = async (given: Readonly<Record<string, string>>) => {
    const child = spawn(
      process.execPath,
      [bin, "serve", "--data", directory.path, "--api-port", "0", "--compute-api-port", "0"],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...cleanEnvironment(), ...given } },
    );
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    while (!output.includes("Stop it")) await once(child.stdout, "data");
    const environment = readFileSync(`/proc/${child.pid}/environ`, "utf8").split("\0");
    child.kill("SIGTERM");
    await once(child, "close");
    return environment.filter((setting) => setting.startsWith("MALLOC_"));
  };
  expect(await environmentOf({})).toContain("MALLOC_ARENA_MAX=1");
  expect(await environmentOf({ MALLOC_ARENA_MAX: "3" })).toEqual(["MALLOC_ARENA_MAX=3"]);
});

test("help comes without loading what commands do, or a library of schemas", async () => {
  const tellWhatIsLoaded = `import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { console.error(url); return next(url, context); } });`;
  const node = ["--import", `data:text/javascript,${encodeURIComponent(tellWhatIsLoaded)}`];
  const { code, stdout, stderr } = await alchemiscale(["network", "list", "--help"], { node });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("--state") });
  const loaded = stderr.split("\n");
  expect(loaded).toContainEqual(expect.stringMatching(/cli\/src\/program\.ts$/));
  expect(loaded.filter((url) => /typebox|packages\/(?!cli\/|contract\/src\/statuses)/.test(url))).toEqual([]);
});

test("a reader that goes away is no error", async () => {
  const child = spawn(process.execPath, [bin, "--help"], { stdio: ["ignore", "pipe", "pipe"], env: cleanEnvironment() });
  child.stdout.destroy();
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  const [code] = await once(child, "close");
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
});
