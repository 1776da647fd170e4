import { existsSync } from "node:fs";
import { type Chunks, fileChunks, pieces } from "../check/read-document.ts";
import { UsageError } from "../usage-error.ts";
import { defaultStrategies } from "./default-strategies.ts";

/** The keyed chain of a strategy: the name of one with its default settings, or a file (`-`: standard input). @throws {UsageError} for neither */
export function strategyChunks(place: string): Chunks {
  if (Object.hasOwn(defaultStrategies, place)) return pieces(Buffer.from(defaultStrategies[place] ?? ""));
  if (place !== "-" && !existsSync(place))
    throw new UsageError(`${place} is neither a file nor one of ${Object.keys(defaultStrategies).join(", ")}`);
  return fileChunks(place);
}
