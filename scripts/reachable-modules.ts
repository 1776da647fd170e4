import { readFileSync } from "node:fs";
import { moduleImports } from "./module-imports.ts";

/** A module of a package that its door imports, directly or not. */
interface ReachableModule {
  readonly source: string;
  /** What it imports from outside the package. */
  readonly outside: readonly string[];
}

/** All modules that a package's door brings along, types included, by address. */
function reachableModules(door: URL, seen = new Map<string, ReachableModule>()): Map<string, ReachableModule> {
  if (seen.has(door.href)) return seen;
  const source = readFileSync(door, "utf8");
  const specifiers = moduleImports(door.pathname, source).map(({ specifier }) => specifier);
  seen.set(door.href, { source, outside: specifiers.filter((specifier) => !specifier.startsWith(".")) });
  for (const specifier of specifiers) if (specifier.startsWith(".")) reachableModules(new URL(specifier, door), seen);
  return seen;
}

/** What a door needs from outside its package, each once; throws where a module uses what browsers lack. */
export function outsideOf(door: URL): { readonly modules: number; readonly outside: ReadonlySet<string> } {
  const modules = reachableModules(door);
  for (const [module, { source }] of modules) {
    const nodeOnly = /\bBuffer\.|\bprocess\./.exec(source)?.[0];
    if (nodeOnly !== undefined) throw new Error(`${module} uses ${nodeOnly} which browsers lack`);
  }
  return { modules: modules.size, outside: new Set([...modules.values()].flatMap(({ outside }) => outside)) };
}
