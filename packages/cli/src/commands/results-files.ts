import { lstat, mkdir } from "node:fs/promises";
import { dirname, join, matchesGlob } from "node:path";
import { type AlchemiscaleClient, mapAhead } from "@alchemiscale/client";
import { gufeKeyOf, type ScopedKey } from "@alchemiscale/contract";
import { keptFilePath } from "../results/kept-file-path.ts";
import { askedOfOurs, resultsOf } from "../results/results-of.ts";
import { writeWhole } from "../results/save-results.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { startProgress } from "../terminal/progress.ts";
import { table } from "../terminal/table.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";

interface FilesOptions extends ApiOptions {
  readonly name?: string;
  readonly output?: string;
  readonly json?: boolean;
}

interface FileOfResult {
  readonly result: ScopedKey;
  readonly name: string;
  readonly bytes: number;
}

/** `results files`: what is kept beside results, as a list, or as files below a directory. */
export async function resultsFiles(text: string, options: FilesOptions): Promise<void> {
  const client = apiClient(options);
  const files = await filesOf(client, await resultsOf(client, keyArgument(text)), options.name);
  const { output } = options;
  if (output !== undefined) await save(client, files, output);
  if (options.json) {
    return printJson(output === undefined ? files : files.map((file) => ({ ...file, path: pathOf(output, file) })));
  }
  if (files.length === 0) return note("No files are kept.");
  if (output !== undefined) return;
  print(
    table(
      [
        { title: "result", shrinkTo: 20 },
        { title: "bytes", align: "right" },
        { title: "name", shrinkTo: 24 },
      ],
      files.map(({ result, name, bytes }) => [result, String(bytes), printable(name)]),
    ),
  );
}

async function filesOf(client: AlchemiscaleClient, results: readonly ScopedKey[], pattern?: string): Promise<FileOfResult[]> {
  const ask = async (result: ScopedKey, signal: AbortSignal) => {
    const files = await askedOfOurs("files beside results", client.getResultFiles(result, { signal }));
    return files.map(({ name, bytes }) => ({ result, name, bytes }));
  };
  const found: FileOfResult[] = [];
  for await (const files of mapAhead(results, 8, ask)) found.push(...files);
  return pattern === undefined ? found : found.filter(({ name }) => name === pattern || matchesGlob(name, pattern));
}

/** A file that is there with its size is whole, and is not asked for again. */
async function save(client: AlchemiscaleClient, files: readonly FileOfResult[], directory: string): Promise<void> {
  const progress = startProgress("Saving files", files.length);
  const count = { written: 0, present: 0 };
  const saveOne = async (file: FileOfResult, signal: AbortSignal) => {
    const path = pathOf(directory, file);
    const there = await lstat(path).catch(() => null);
    if (there?.isFile() && there.size === file.bytes) return "present";
    const bytes = await client.getResultFile(file.result, file.name, { signal });
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, bytes);
    return "written";
  };
  try {
    for await (const outcome of mapAhead(files, 4, saveOne)) {
      count[outcome] += 1;
      progress.update(count.written + count.present);
    }
  } finally {
    progress.stop();
  }
  note(`${count.written} files saved in ${directory}, ${count.present} were there already.`);
}

function pathOf(directory: string, { result, name }: FileOfResult): string {
  return join(directory, gufeKeyOf(result), keptFilePath(name));
}
