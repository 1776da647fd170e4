import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { stubInterpreter } from "../../../../scripts/stub-interpreter.ts";
import { testPython } from "../../test/misbehaving.ts";
import { type NeededFile, PythonAnalyst, type PythonAnalystOptions } from "./python-analyst.ts";

/** An analyst that is closed at the end, and the processes that it has started. */
function analystOf(options: PythonAnalystOptions) {
  const started: number[] = [];
  const onEvent = (text: string) => started.push(Number(/\((\d+)\)/.exec(text)?.[1]));
  const analyst = new PythonAnalyst({ ...options, onEvent });
  onTestFinished(() => analyst.close());
  return { analyst, started };
}

/** Files, and how often each was asked for. */
function filesOf() {
  const asked: string[] = [];
  const file = (name: string, content = name): NeededFile => ({
    name,
    open: async () => {
      asked.push(name);
      return content;
    },
  });
  return { file, asked };
}

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

/** Gathers to the number of its results, and proposes the length of what was gathered. */
const counting = `
if (request.request === "gather") {
  writeFileSync(request.output, "x".repeat(request.results.length));
  const energy = (value) => ({ value, unit: "kilojoule / mole", kcal_per_mol: value / 4.184 });
  const problems = [files(request.protocol), ...request.results.map(files)];
  return { reply: "gathered", n: 1, estimate: energy(4.184 * request.results.length), uncertainty: null, file: request.output, problems, leftovers: 0 };
}
const weights = Object.entries(request.results).map(([key, path]) => [key, files(path).length]);
return { reply: "proposed", weights: { ...Object.fromEntries(weights), other: null }, leftovers: 0 };`;

describe("asked of a program that answers as Python does", () => {
  test("one process answers, everything is fetched once, and the same results are gathered once", async () => {
    const { analyst, started } = analystOf({ python: await stubInterpreter(counting) });
    const { file, asked } = filesOf();
    const protocol = file("protocol");
    const one = await analyst.gather({ protocol, results: [file("r1")] });
    expect(one).toMatchObject({ estimate: 1, uncertainty: null, problems: ["protocol", "r1"] });
    const two = await analyst.gather({ protocol, results: [file("r1"), file("r2")] });
    expect(await analyst.gather({ protocol, results: [file("r2"), file("r1")] })).toBe(two);
    const request = { strategy: file("s"), network: file("n"), results: new Map([["t", two.result as NeededFile]]) };
    expect([...(await analyst.propose(request))]).toEqual([
      ["t", 2],
      ["other", null],
    ]);
    await analyst.propose(request);
    expect(asked).toEqual(["protocol", "r1", "r2", "s", "n"]);
    expect(started).toHaveLength(1);
  });

  test("requests at once are answered one after another", async () => {
    const { analyst } = analystOf({ python: await stubInterpreter(counting) });
    const { file } = filesOf();
    const gathered = [1, 2, 3].map((n) => analyst.gather({ protocol: file(`p${n}`), results: [file("r")] }));
    expect((await Promise.all(gathered)).map(({ problems }) => problems[0])).toEqual(["p1", "p2", "p3"]);
  });

  test("ends when nobody asks, and starts again", async () => {
    const { analyst, started } = analystOf({ python: await stubInterpreter(counting), idleSeconds: 0.02 });
    const { file } = filesOf();
    await analyst.gather({ protocol: file("p"), results: [] });
    await vi.waitFor(() => expect(isGone(started[0] ?? 0)).toBe(true), 10_000);
    await analyst.gather({ protocol: file("p"), results: [file("r")] });
    expect(started).toHaveLength(2);
  });

  test("what takes too long is ended, and the next request has another process", async () => {
    const slow = `if (files(request.protocol) === "slow") return;${counting}`;
    const { analyst, started } = analystOf({ python: await stubInterpreter(slow), requestSeconds: 0.2 });
    const { file } = filesOf();
    await expect(analyst.gather({ protocol: file("slow"), results: [] })).rejects.toThrow("ended after 0.2 s");
    expect(isGone(started[0] ?? 0)).toBe(true);
    expect(await analyst.gather({ protocol: file("quick"), results: [] })).toMatchObject({ estimate: 0 });
    expect(started).toHaveLength(2);
  });

  test("whoever asked may give up", async () => {
    const { analyst } = analystOf({ python: await stubInterpreter("") });
    const giveUp = new AbortController();
    const asked = analyst.gather({ protocol: filesOf().file("p"), results: [] }, giveUp.signal);
    giveUp.abort(new Error("no longer wanted"));
    await expect(asked).rejects.toThrow("no longer wanted");
  });

  test("a process that ends, and one that was told an error, are failures", async () => {
    const failing = `if (files(request.protocol) === "crash") process.exit(7);
      return { reply: "error", kind: "gather_failed", exception: "KeyError", message: "LabProtocol.gather raised KeyError", traceback: "Traceback …" };`;
    const { analyst } = analystOf({ python: await stubInterpreter(failing) });
    const { file } = filesOf();
    await expect(analyst.gather({ protocol: file("crash"), results: [] })).rejects.toMatchObject({
      name: "InterpreterCrash",
      message: "the Python interpreter exited with code 7",
    });
    await expect(analyst.gather({ protocol: file("p"), results: [] })).rejects.toMatchObject({
      name: "KeyError",
      kind: "gather_failed",
      stack: "Traceback …",
    });
  });

  test("it sees no secrets of this process", async () => {
    process.env.JWT_SECRET_KEY = "do not tell";
    onTestFinished(() => void delete process.env.JWT_SECRET_KEY);
    const telling = `return { reply: "gathered", n: 0, estimate: null, uncertainty: null, file: null, problems: Object.keys(process.env), leftovers: 0 };`;
    const { analyst } = analystOf({ python: await stubInterpreter(telling) });
    const { problems, result } = await analyst.gather({ protocol: filesOf().file("p"), results: [] });
    expect(problems).toContain("PATH");
    expect(problems).not.toContain("JWT_SECRET_KEY");
    expect(result).toBeNull();
  });

  test("an interpreter that is not there is unavailable", async () => {
    const { analyst } = analystOf({ python: "/nowhere/python" });
    await expect(analyst.gather({ protocol: filesOf().file("p"), results: [] })).rejects.toMatchObject({
      name: "ExecutorUnavailable",
    });
  });
});

if (testPython === "")
  console.log("skipped: Python's gather and propose (ALCHEMISCALE_TEST_PYTHON names no interpreter with gufe and stratocaster)");

describe.skipIf(testPython === "")("asked of Python (ALCHEMISCALE_TEST_PYTHON names an interpreter with stratocaster)", () => {
  const folder = fileURLToPath(new URL("../../../../python/", import.meta.url));
  const inherited = process.env.PYTHONPATH;
  let directory: string;
  let edges: string[];
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  const file = (name: string, content = read(name)): NeededFile => ({ name, open: async () => content });
  const results = () => [file("result-0.json"), file("result-1.json")];

  beforeAll(() => {
    process.env.PYTHONPATH = join(folder, "tests");
    directory = mkdtempSync(join(tmpdir(), "alchemiscale-laboratory-"));
    const env = { ...process.env, PYTHONPATH: [folder, join(folder, "tests")].join(delimiter) };
    const program = join(folder, "tests", "laboratory.py");
    edges = execFileSync(testPython, [program, directory], { env, cwd: directory, encoding: "utf8" }).trim().split(" ");
  });
  afterAll(() => {
    if (inherited === undefined) delete process.env.PYTHONPATH;
    else process.env.PYTHONPATH = inherited;
    rmSync(directory, { recursive: true, force: true });
  });

  test("gathers as the Protocol does, and a strategy of one's own sees it", { timeout: 60_000 }, async () => {
    const { analyst } = analystOf({ python: testPython });
    const gathered = await analyst.gather({ protocol: file("protocol.json"), results: results() });
    expect(gathered.estimate).toBeCloseTo(1.5, 9);
    expect(gathered.uncertainty).toBeCloseTo(1, 9);
    expect(gathered.problems).toEqual([]);
    const [first = "", second = ""] = edges;
    const weights = await analyst.propose({
      strategy: file("strategy.json"),
      network: file("network.json"),
      results: new Map([[first, gathered.result as NeededFile]]),
    });
    expect([weights.get(first), weights.get(second)]).toEqual([expect.closeTo(1, 9), 1]);
  });

  test("what misbehaves is ended and told; others go on", { timeout: 60_000 }, async () => {
    const { analyst, started } = analystOf({ python: testPython, requestSeconds: 8, memoryLimit: 600 * 1024 ** 2 });
    const misbehaving = (deed: string) =>
      file(deed, read("protocol.json").replace('"deed": "nothing"', `"deed": ${JSON.stringify(deed)}`));
    const gather = (deed: string) => analyst.gather({ protocol: misbehaving(deed), results: results() });
    await expect(gather("raise")).rejects.toMatchObject({
      name: "RuntimeError",
      stack: expect.stringContaining("not on Sundays"),
    });
    await expect(gather("segfault")).rejects.toThrow("was ended by SIGSEGV");
    await expect(gather("eat memory")).rejects.toThrow(/because it used \d+ bytes of memory/);
    await expect(gather("sleep")).rejects.toThrow("ended after 8 s");
    expect(await gather("nothing")).toMatchObject({ problems: [] });
    expect(started).toHaveLength(4);
    const strategy = file("s", read("strategy.json").replace('"deed": "nothing"', '"deed": "raise"'));
    const proposed = analyst.propose({ strategy, network: file("network.json"), results: new Map() });
    await expect(proposed).rejects.toMatchObject({ name: "RuntimeError", kind: "propose_failed" });
  });
});
