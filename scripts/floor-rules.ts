import { posix } from "node:path";
import { moduleImports } from "./module-imports.ts";

/** The floor of each package; docs/architecture.md says what each is. A package imports only packages of lower floors. */
const floors: Readonly<Record<string, number>> = {
  gufe: 1,
  contract: 2,
  analysis: 3,
  client: 3,
  statestore: 3,
  objectstore: 3,
  strategist: 4,
  server: 4,
  compute: 4,
  managers: 4,
  fah: 5,
  cli: 6,
};

/** A source file: its path from the root of the repository, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What the manifests say, as far as the rules need it. */
export interface Declarations {
  /** Names that the file's own package.json declares. */
  readonly dependencies: ReadonlySet<string>;
  /** Names that the root's package.json declares. */
  readonly developmentDependencies: ReadonlySet<string>;
  /** What our packages export beside their door, as `@alchemiscale/<name>/<door>`. */
  readonly doors: ReadonlySet<string>;
}

const ours = "@alchemiscale/";
const isTest = (path: string): boolean => path.endsWith(".test.ts") || /^packages\/[^/]+\/test\//.test(path);
const packageOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1];

/**
 * What a file imports against the rules, a sentence each:
 * - a package imports only packages of lower floors (tests may start any package: they run the real part);
 * - other packages are imported through their door `@alchemiscale/<name>` alone, by everybody; a package that browsers load, too, may have a second door for what only Node has;
 * - a relative import stays in its package (tests may use `scripts/`);
 * - what is imported is named in the package's own package.json (`dependencies`; for tests also those of the root).
 */
export const floorViolations = (file: SourceFile, declared: Declarations): readonly string[] => {
  const home = packageOf(file.path);
  const test = isTest(file.path);
  return moduleImports(file.path, file.text).flatMap(({ specifier, line }) => {
    const rule = specifier.startsWith(".")
      ? brokenByRelative(file.path, home, test, specifier)
      : brokenByPackage(home, test, specifier, declared);
    return rule === undefined ? [] : [`${file.path}:${line} imports '${specifier}': ${rule}.`];
  });
};

const brokenByRelative = (path: string, home: string | undefined, test: boolean, specifier: string): string | undefined => {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (target.startsWith("../")) return "it leads out of the repository";
  const other = packageOf(target);
  if (other === home && (home !== undefined || !target.startsWith("packages/"))) return undefined;
  if (other !== undefined) return `another package is imported through its door, '${ours}${other}'`;
  if (test && target.startsWith("scripts/")) return undefined;
  return `a relative import stays in packages/${home}${test ? ", or leads to scripts/" : ""}`;
};

const brokenByPackage = (
  home: string | undefined,
  test: boolean,
  specifier: string,
  { dependencies, developmentDependencies, doors }: Declarations,
): string | undefined => {
  if (specifier.startsWith("node:")) return undefined;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  if (specifier.startsWith(ours)) {
    const other = name.slice(ours.length);
    if (specifier !== name && !doors.has(specifier)) return `a package is imported through its door, '${name}'`;
    if (home === undefined || other === home)
      return other === home ? "a package imports its own files by relative paths" : undefined;
    const [from, to] = [floors[home], floors[other]];
    if (from === undefined) return `'${home}' has no floor; give it one in scripts/floor-rules.ts and docs/architecture.md`;
    if (to === undefined) return `'${other}' has no floor; give it one in scripts/floor-rules.ts and docs/architecture.md`;
    if (test) return undefined;
    if (to >= from) return `${home} (floor ${from}) may import only lower floors, and ${other} is on floor ${to}`;
  }
  if (home === undefined || dependencies.has(name)) return undefined;
  if (test && developmentDependencies.has(name)) return undefined;
  return `packages/${home}/package.json does not name '${name}' among its dependencies`;
};
