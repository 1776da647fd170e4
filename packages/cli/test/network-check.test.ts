import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdCompress, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alchemiscale, fixture, harmonicNetwork, temporaryDirectory } from "./run-command.ts";

interface PrintedEntry {
  readonly key: string;
  readonly computed: string | null;
  readonly qualname: string;
  readonly ok?: boolean;
  readonly failures?: readonly { readonly traceback: string }[];
}

async function entriesOf(file: string, expected: number): Promise<PrintedEntry[]> {
  const { code, stdout, stderr } = await alchemiscale(["network", "check", file, "--json"]);
  expect({ code, stderr }).toEqual({ code: expected, stderr: "" });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as PrintedEntry);
}

describe("network check", () => {
  test("says what a network is, and that its keys are right", async () => {
    const { code, stdout } = await alchemiscale(["network", "check", harmonicNetwork]);
    expect(code).toBe(0);
    for (const said of ["harmonic wells", "systems          10", "transformations  15", "HarmonicSwitchingProtocol (15)"]) {
      expect(stdout).toContain(said);
    }
    expect(stdout).toContain("37 of 37 keys are the hash of their content");
  });

  test("reads what is compressed by its content, whatever the name", async () => {
    using directory = temporaryDirectory();
    const text = readFileSync(harmonicNetwork);
    const plain = await entriesOf(harmonicNetwork, 0);
    expect(plain).toHaveLength(37);
    expect(plain.every(({ key, computed }) => key === computed)).toBe(true);
    for (const bytes of [gzipSync(text), zstdCompressSync(text), zstdCompressSync(gzipSync(text))]) {
      const file = join(directory.path, "network.txt");
      writeFileSync(file, bytes);
      expect(await entriesOf(file, 0)).toEqual(plain);
    }
  });

  test("ends with 1 when a key differs, and names it", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "edited.json");
    writeFileSync(
      file,
      readFileSync(harmonicNetwork, "utf8").replace('"name": "reference to soft"', '"name": "reference to hard"'),
    );
    const differing = (await entriesOf(file, 1)).filter(({ key, computed }) => computed !== null && key !== computed);
    expect(differing).toHaveLength(1);
    expect(differing[0]?.qualname).toBe("Transformation");
    const { code, stdout } = await alchemiscale(["network", "check", file]);
    expect(code).toBe(1);
    expect(stdout).toContain("1 of 37 keys differ");
    expect(stdout).toContain(`${differing[0]?.key}\n    computed ${differing[0]?.computed}`);
  });

  test.each([
    ["a posted body", "failed-result-posted.json.gz", 3],
    ["the older deep form", "failed-result-deep.json.gz", 1],
    ["an answer of the server", "failed-result-answer.json", 1],
    ["a stored object", "ok-result-stored.json.zst", 0],
  ])("shows the outcome of a result in %s", async (_, name, failures) => {
    const entries = await entriesOf(fixture(name), 0);
    const result = entries.at(-1);
    expect(result).toMatchObject({ qualname: "ProtocolDAGResult", ok: failures === 0 });
    expect(result?.failures).toHaveLength(failures);
    expect(entries.filter(({ qualname }) => qualname.endsWith("Unit")).every(({ computed }) => computed === null)).toBe(true);
    const { stdout } = await alchemiscale(["network", "check", fixture(name)]);
    expect(stdout).toContain(`ok: ${failures === 0}`);
    expect(stdout).toContain(`failures: ${failures}`);
    expect(stdout.match(/Traceback \(most recent call last\)/g) ?? []).toHaveLength(failures);
  });

  test("takes any value as a name, as gufe does", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "named.json");
    writeFileSync(file, readFileSync(harmonicNetwork, "utf8").replace('"name": "harmonic wells"', '"name": 5'));
    const { code, stdout } = await alchemiscale(["network", "check", file]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/name +5\n/);
    expect(stdout).toContain("1 of 37 keys differ");
  });

  test("proves of a well that it was edited", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "edited.json");
    const text = readFileSync(harmonicNetwork, "utf8");
    writeFileSync(
      file,
      text.replace('"__qualname__": "HarmonicWellComponent"', '"more": 1, "__qualname__": "HarmonicWellComponent"'),
    );
    const differing = (await entriesOf(file, 1)).filter(({ key, computed }) => key !== computed);
    expect(differing.map(({ qualname }) => qualname)).toEqual(["HarmonicWellComponent"]);
    expect(differing[0]?.computed).not.toBeNull();
  });

  test("does not vouch for keys that it computed itself", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "deep.json");
    const system = (component: string) =>
      `{"components": {"a": ${component}}, "name": "", "__qualname__": "ChemicalSystem", "__module__": "gufe.chemicalsystem"}`;
    const solvent =
      '{"smiles": "O", "positive_ion": "Na+", "negative_ion": "Cl-", "neutralize": true, "ion_concentration": "0.15 molar", "__qualname__": "SolventComponent", "__module__": "gufe.components.solventcomponent"}';
    writeFileSync(file, system(solvent));
    expect((await entriesOf(file, 0)).map(({ key, computed }) => key === computed)).toEqual([true, true]);
    writeFileSync(file, system('{"x": 1, "__qualname__": "Foreign", "__module__": "elsewhere"}'));
    expect((await entriesOf(file, 0)).map(({ computed }) => computed)).toEqual([null, null]);
    const { stdout } = await alchemiscale(["network", "check", file]);
    expect(stdout).toContain("Of 2 it cannot be told what gufe computes");
  });

  describe("a result too long for a text", () => {
    const directory = temporaryDirectory();
    const stored = join(directory.path, "large.json.zst");
    const smaller = join(directory.path, "smaller.json.zst");
    const zeros = "0".repeat(32);
    const unitKey = `ProtocolUnitResult-${zeros}`;
    const to = (key: string) => `{":gufe-key:": "${key}"}`;
    function* largeResult(mebibytes: number): Generator<Buffer> {
      yield Buffer.from(
        `[["U-${zeros}", {"_key": "U-${zeros}", "inputs": {}, "__qualname__": "U", "__module__": "u"}], ["${unitKey}", {"_key": "${unitKey}", "source_key": "U-${zeros}", "outputs": {"array": "`,
      );
      const chunk = Buffer.alloc(2 ** 20, "abcdefgh");
      for (let i = 0; i < mebibytes; i += 1) yield chunk;
      yield Buffer.from(
        `"}, "__qualname__": "ProtocolUnitResult", "__module__": "gufe.protocols.protocolunit"}], ["ProtocolDAGResult-${zeros}", {"protocol_units": [${to(`U-${zeros}`)}], "protocol_unit_results": [${to(unitKey)}], "transformation_key": "T-${zeros}", "extends_key": null, "name": null, "__qualname__": "ProtocolDAGResult", "__module__": "gufe.protocols.protocoldag"}]]`,
      );
    }
    // Far less than the text: it must pass through.
    const environment = { NODE_OPTIONS: "--max-old-space-size=150" };

    beforeAll(async () => {
      // More than a text can hold, and more than is held of one.
      await pipeline(Readable.from(largeResult(540)), createZstdCompress(), createWriteStream(stored));
      await pipeline(Readable.from(largeResult(140)), createZstdCompress(), createWriteStream(smaller));
    });
    afterAll(() => directory[Symbol.dispose]());

    test("is checked as it comes", async () => {
      const { code, stdout, stderr } = await alchemiscale(["network", "check", stored], { environment });
      expect(stderr).toBe("");
      // Its key is made up.
      expect(code).toBe(1);
      for (const said of ["ProtocolDAGResult", "keyed chain", `transformation   T-${zeros}`, "ok: true", "failures: 0"]) {
        expect(stdout).toContain(said);
      }
      expect(stdout).toContain("1 of 3 keys differ");
    });

    test("also in the body of a post, and in an answer", async () => {
      const inner = readFileSync(smaller);
      const latin1 = JSON.stringify(zstdCompressSync(inner).toString("latin1"));
      const posted = join(directory.path, "posted.json");
      writeFileSync(posted, `{"protocoldagresult": {"latin-1": ${latin1}}, "compute_service_id": "None"}`);
      const answer = join(directory.path, "answer.json");
      writeFileSync(answer, `[${JSON.stringify(inner.toString("latin1"))}]`);
      for (const file of [posted, answer]) {
        const { stdout } = await alchemiscale(["network", "check", file, "--json"], { environment });
        expect(stdout.trimEnd().split("\n")).toHaveLength(3);
        expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ qualname: "ProtocolDAGResult", ok: true });
      }
    });
  });

  test("says that a network is too large, not that it is damaged", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "large.json.zst");
    function* large(): Generator<Buffer> {
      yield Buffer.from('{"__qualname__": "Thing", "a": "');
      for (let i = 0; i < 520; i += 1) yield Buffer.alloc(2 ** 20, "x");
      yield Buffer.from('"}');
    }
    await pipeline(Readable.from(large()), createZstdCompress(), createWriteStream(file));
    const { code, stderr } = await alchemiscale(["network", "check", file]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file} is too large`);
    expect(stderr).not.toContain("damaged");
  });

  test("says where a damaged file is damaged, without a stack trace", async () => {
    using directory = temporaryDirectory();
    const text = readFileSync(harmonicNetwork, "utf8");
    const file = join(directory.path, "damaged.json");
    for (const [content, said] of [
      [text.slice(0, 3000), "character 3000"],
      [gzipSync(text).subarray(0, 500), "damaged"],
      [zstdCompressSync(text).subarray(0, 500), "damaged"],
      ["{}", "none of gufe's"],
      [new Uint8Array([0xff, 0xfe, 0x00]), "UTF-8"],
      ["[]", "cannot be read as a gufe object"],
      [`\uFEFF${text}`, "character 0"],
    ] as const) {
      writeFileSync(file, content);
      const { code, stderr } = await alchemiscale(["network", "check", file]);
      expect(code).toBe(1);
      expect(stderr).toContain(said);
      expect(stderr).toContain(file);
      expect(stderr).not.toContain("    at ");
    }
  });

  test("does not let names steer the terminal", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "named.json");
    writeFileSync(file, readFileSync(harmonicNetwork, "utf8").replace('"name": "harmonic wells"', '"name": "\\u001b[2Jgone"'));
    const { stdout } = await alchemiscale(["network", "check", file]);
    expect(stdout).toContain("\\u001b[2Jgone");
    expect(stdout).not.toContain("\u001b");
  });
});
