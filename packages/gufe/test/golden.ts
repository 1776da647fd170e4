/** The golden data that tests read: what the real Python libraries wrote. */
import { existsSync, readFileSync } from "node:fs";
import { decompressZstd } from "../src/zstd.ts";

export interface GoldenEntry {
  readonly name: string;
  readonly kind: string;
  readonly gufe_key: string;
  readonly n_chain: number;
  readonly files: Readonly<Record<string, string>>;
  readonly third_party?: boolean;
  readonly [fact: string]: unknown;
}

const fixtures = new URL("./fixtures/", import.meta.url);
const shared = new URL("../../../../shared/fixtures/", import.meta.url);

/** Bytes of a file among the fixtures. */
export function goldenBytes(path: string, base = fixtures): Uint8Array {
  return readFileSync(new URL(path, base));
}

/** Text of a file; `.zst` is decompressed. */
export function goldenText(path: string, base = fixtures): string {
  const bytes = goldenBytes(path, base);
  return new TextDecoder().decode(path.endsWith(".zst") ? decompressZstd(bytes, { maxBytes: 2 ** 30 }) : bytes);
}

/** The rows of a table. */
export function goldenRows<Row>(path: string): Row[] {
  return (JSON.parse(goldenText(path)) as { rows: Row[] }).rows;
}

/** Entries of the manifest that are gufe objects with a keyed chain. */
export function goldenObjects(base = fixtures): GoldenEntry[] {
  const { entries } = JSON.parse(goldenText("manifest.json", base)) as { entries: GoldenEntry[] };
  return entries.filter((entry) => entry.gufe_key !== undefined && chainFile(entry) !== undefined);
}

/** The text of an entry's keyed chain. */
export function goldenChain(entry: GoldenEntry, base = fixtures): string {
  return goldenText(chainFile(entry) as string, base);
}

/** Golden data that may not be copied into the repository lies beside it, where it lies at all. */
export const sharedFixtures: URL | undefined = existsSync(shared) ? shared : undefined;

function chainFile(entry: GoldenEntry): string | undefined {
  return entry.files?.chain_json ?? entry.files?.chain_json_zst;
}
