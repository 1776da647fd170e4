import { pipeline, type Transform } from "node:stream";
import { createGzip, createZstdCompress } from "node:zlib";
import { type Metadata, ResultMissing } from "@alchemiscale/client";
import { decompressResult } from "@alchemiscale/client/node";
import { readDocument } from "../check/read-document.ts";
import { writeWhole } from "../results/save-results.ts";
import { note, printJson, warn } from "../terminal/print.ts";
import { startProgressOf } from "../terminal/progress.ts";
import { CommandFailure, UsageError } from "../usage-error.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";
import { noNetwork } from "./existing-network.ts";

export interface ArchiveCommandOptions extends ApiOptions {
  readonly output: string;
  readonly metadata?: string;
  readonly failures?: boolean;
  readonly skipMissing?: boolean;
  readonly json?: boolean;
}

/** `network archive`: a network and its results in one file. */
export async function networkArchive(key: string, options: ArchiveCommandOptions): Promise<void> {
  const { output, failures = false, skipMissing = false } = options;
  if (options.json && output === "-") throw new UsageError("--json and --output - would both print to standard output");
  const client = apiClient(options);
  const network = keyArgument(key, "AlchemicalNetwork");
  const metadata = options.metadata === undefined ? null : await readMetadata(options.metadata);
  const progress = startProgressOf("Archiving results");
  let results = 0;
  const archive = await client.getNetworkArchive(network, {
    decompress: decompressResult,
    metadata,
    failures,
    onProgress: (event) => {
      results = event.done;
      progress.onProgress(event);
    },
    ...(skipMissing && { onMissing: ({ message }) => warn(message) }),
  });
  if (archive === null) throw noNetwork(network);
  try {
    if (output === "-") for await (const chunk of archive) process.stdout.write(chunk) || (await drained());
    else await writeWhole(output, packed(archive, output));
  } catch (error) {
    if (error instanceof ResultMissing) throw new CommandFailure(`${error.message}; --skip-missing archives the others`);
    if (error instanceof Error && "syscall" in error) throw new CommandFailure(`cannot write ${output}: ${error.message}`);
    throw error;
  } finally {
    progress.stop();
  }
  if (options.json) return printJson({ network, output, results });
  if (output !== "-") note(`Archived ${network} with ${results} results in ${output}.`);
}

function packed(content: AsyncIterable<string>, file: string): AsyncIterable<string | Uint8Array> {
  if (file.endsWith(".gz")) return through(content, createGzip());
  if (file.endsWith(".zst")) return through(content, createZstdCompress());
  return content;
}

function through(content: AsyncIterable<string>, transform: Transform): AsyncIterable<Uint8Array> {
  // What goes wrong is told by the stream that is read.
  return pipeline(content, transform, () => {});
}

function drained(): Promise<void> {
  return new Promise((resolve) => process.stdout.once("drain", () => resolve()));
}

async function readMetadata(file: string): Promise<Metadata> {
  const text = await readDocument(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--metadata ${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`--metadata ${file} must hold a JSON object, such as {"note": "for the paper"}`);
  }
  return value as Metadata;
}
