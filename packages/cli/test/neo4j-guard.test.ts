/** No command acts on an empty store of its own where a Neo4j database was meant. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alchemiscale, temporaryDirectory } from "./run-command.ts";

const me = ["-i", "me"];
const verbs: readonly (readonly string[])[] = [
  ["serve", "--api-port", "0", "--compute-api-port", "0"],
  ["api", "--port", "0"],
  ["compute", "api", "--port", "0"],
  ["identity", "add", ...me, "-k", "some long key"],
  ["identity", "set-key", ...me, "-k", "some long key"],
  ["identity", "disable", ...me],
  ["identity", "enable", ...me],
  ["identity", "expire", ...me, "--when", "never"],
  ["identity", "list"],
  ["identity", "remove", ...me],
  ["identity", "add-scope", ...me, "-s", "a-b-c"],
  ["identity", "remove-scope", ...me, "-s", "a-b-c"],
  ["identity", "list-scope", ...me],
  ["database", "init"],
  ["database", "check"],
  ["database", "migrate"],
  ["database", "backup", "copy.sqlite"],
  ["database", "reset", "--confirm", "x"],
];

async function expectStop(
  verb: readonly string[],
  named: string,
  environment: Record<string, string>,
  options: readonly string[],
) {
  using directory = temporaryDirectory();
  const data = join(directory.path, "data");
  const ended = await alchemiscale([...verb, "--data", data, ...options], { environment });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(`${named} names a Neo4j database, and this release does not read Neo4j`);
  expect(ended.stderr).toContain("ALCHEMISCALE_STATE_STORE_URL");
  expect(ended.stderr).not.toContain("secret word");
  expect(existsSync(data)).toBe(false);
}

test.each(verbs.map((verb) => [verb.slice(0, 2).join(" "), verb] as const))("%s stops at NEO4J_URL", async (_, verb) => {
  await expectStop(verb, "NEO4J_URL", { NEO4J_URL: "bolt://localhost:7687" }, []);
});

test.each([["serve"], ["api"], ["compute", "api"], ["identity", "list"], ["database", "init"]])(
  "%s %s stops at --url",
  async (...verb) => {
    const options = ["--url", "neo4j+s://db.example.org", "--user", "neo4j", "--password", "secret word"];
    await expectStop(verb, "--url", {}, options);
  },
);

test("an address of a store of ours goes before those of a Neo4j database", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "state.sqlite");
  const environment = { NEO4J_URL: "bolt://localhost:7687" };
  const added = await alchemiscale(["identity", "add", ...me, "-k", "some long key", "--url", `sqlite:${file}`], { environment });
  expect(added.code).toBe(0);
  const listed = await alchemiscale(["identity", "list", "--url", "bolt://localhost:7687"], {
    environment: { ...environment, ALCHEMISCALE_STATE_STORE_URL: `sqlite:${file}` },
  });
  expect(listed).toMatchObject({ code: 0, stdout: "['me']\n" });
});
