import { parseSync } from "vite";

/** One import of a source: what it names, and the line it stands in (from 1). */
export interface ModuleImport {
  readonly specifier: string;
  readonly line: number;
}

const importing = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);

/**
 * Every module that a TypeScript source imports or re-exports: values, types, `import()` with a literal, and `import("…").Type`.
 * Throws when the source does not parse.
 */
export const moduleImports = (file: string, source: string): readonly ModuleImport[] => {
  const { program, errors } = parseSync(file, source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file} does not parse: ${error.message}`);
  const found: ModuleImport[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null) {
      const node = value as {
        readonly type?: string;
        readonly start?: number;
        readonly source?: { readonly value?: unknown } | null;
      };
      if (node.type !== undefined && importing.has(node.type) && typeof node.source?.value === "string") {
        found.push({ specifier: node.source.value, line: source.slice(0, node.start).split("\n").length });
      }
      Object.values(value).forEach(visit);
    }
  };
  visit(program);
  return found;
};
