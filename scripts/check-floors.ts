/** Checks the imports of every TypeScript file against the floors of the house (floor-rules.ts); exit code 1 and a sentence for each that breaks a rule. */
import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { sep } from "node:path";
import { floorViolations } from "./floor-rules.ts";

const declared = async (manifest: string): Promise<ReadonlySet<string>> => {
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = JSON.parse(await readFile(manifest, "utf8"));
  return new Set([dependencies, devDependencies, peerDependencies].flatMap(Object.keys));
};

/** Second doors: what a package exports beside `.`. */
const secondDoors = async (): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for await (const manifest of glob("packages/*/package.json")) {
    const { name, exports = {} } = JSON.parse(await readFile(manifest, "utf8"));
    for (const door of Object.keys(exports)) if (door !== ".") found.add(`${name}${door.slice(1)}`);
  }
  return found;
};

const doors = await secondDoors();
const root = await declared("package.json");
const manifests = new Map<string, ReadonlySet<string>>();
const violations: string[] = [];
let count = 0;
const patterns = ["packages/*/{src,test,bin}/**/*.{ts,tsx}", "apps/*/**/*.{ts,tsx}", "{scripts,bench,examples}/**/*.ts"];
for await (const found of glob(patterns, { exclude: (path) => path.includes("node_modules") || path.includes("fixtures") })) {
  const path = found.split(sep).join("/");
  const manifest = `${path.split("/", 2).join("/")}/package.json`;
  if (!manifests.has(manifest)) manifests.set(manifest, existsSync(manifest) ? await declared(manifest) : root);
  const dependencies = manifests.get(manifest) ?? root;
  violations.push(
    ...floorViolations({ path, text: await readFile(found, "utf8") }, { dependencies, developmentDependencies: root, doors }),
  );
  count += 1;
}

for (const violation of violations.sort()) console.error(violation);
console.log(`floors: ${count} files read, ${violations.length === 0 ? "all" : `${violations.length} imports not`} in order`);
if (count === 0) console.error("floors: no file found; run this from the root of the repository");
process.exitCode = violations.length > 0 || count === 0 ? 1 : 0;
