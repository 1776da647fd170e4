import { text } from "node:stream/consumers";
import type { ScopedKey } from "@alchemiscale/contract";
import { UsageError } from "../usage-error.ts";
import { keyArgument } from "./api-client.ts";

/**
 * Keys of Tasks as they were given; of a single `-`, the words of standard input.
 * @throws {UsageError} where there is none, or one is no key of a Task.
 */
export async function taskArguments(texts: readonly string[]): Promise<ScopedKey[]> {
  const isInput = texts.length === 1 && texts[0] === "-";
  const given = isInput ? (await text(process.stdin)).split(/\s+/).filter((word) => word !== "") : texts;
  if (given.length === 0)
    throw new UsageError(isInput ? "standard input holds no keys of Tasks" : "give keys of Tasks, or `-` for standard input");
  return given.map((each) => keyArgument(each, "Task"));
}
