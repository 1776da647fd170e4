import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
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
