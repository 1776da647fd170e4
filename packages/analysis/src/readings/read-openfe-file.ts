/** Result files of the `openfe` command: what `openfe quickrun` writes and `openfe gather` reads. */
import {
  ChainError,
  decodeSettings,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  SettingsView,
  type UnitSummary,
} from "@alchemiscale/gufe";
import { type ReadOptions, withoutZstd } from "./read-result.ts";
import { readingOf, unreadableResult } from "./reading-of.ts";
import type { StoredReading } from "./result-reading.ts";

/** What a file's protocol result is called beyond its protocol. */
const suffix = "Result";

/**
 * Reads a result file of the `openfe` command: JSON with `protocol_result` and `unit_results`. Its repeats count as one result. Estimate and
 * uncertainty in the file are not looked at: before openfe 1.12 the uncertainty was another.
 * Never throws for what the file holds.
 * @param name what the result is called in the reading, in place of a key
 */
export function readOpenfeFile(text: string, name: string, options: ReadOptions = {}): StoredReading {
  const zstd = options.zstd ?? withoutZstd;
  let qualname = "";
  try {
    const file = parseJson(text);
    const gathered = isJsonObject(file) ? file.get("protocol_result") : undefined;
    const className = isJsonObject(gathered) ? gathered.get("__qualname__") : undefined;
    if (!isJsonObject(file) || !isJsonObject(gathered) || typeof className !== "string" || !className.endsWith(suffix)) {
      throw new ChainError("not-a-result", "", "A result file of openfe must have a protocol_result with its class");
    }
    qualname = className.slice(0, -suffix.length);
    const units = new Map(
      [...unitDicts(gathered.get("data")), ...unitDicts(file.get("unit_results"))].map((unit) => [keyOf(unit), unit]),
    );
    const settings = decodeSettings([...units.values()].map(settingsIn).find((found) => found !== undefined));
    const protocol = { qualname, settings: settings === undefined ? null : new SettingsView(settings, zstd) };
    return readingOf(protocol, { key: name, ok: true, units: [...units.values()].map(summaryOf) }, zstd);
  } catch (error) {
    return unreadableResult(qualname, name, error, "not-a-result");
  }
}

/** All unit results in lists and objects, at any depth to which openfe nests them. */
function unitDicts(json: Json | undefined, depth = 0): JsonObject[] {
  if (depth > 4) return [];
  if (isJsonArray(json)) return json.flatMap((item) => unitDicts(item, depth + 1));
  if (!isJsonObject(json)) return [];
  if (json.has("source_key") && json.has("outputs")) return [json];
  return [...json.values()].flatMap((item) => unitDicts(item, depth + 1));
}

function keyOf(unit: JsonObject): string {
  const key = unit.get("_key");
  return typeof key === "string" ? key : "";
}

/** In files the Protocol is nested in the inputs of units, the first time it occurs. */
function settingsIn(unit: JsonObject): Json | undefined {
  const inputs = unit.get("inputs");
  const protocol = isJsonObject(inputs) ? inputs.get("protocol") : undefined;
  return isJsonObject(protocol) ? protocol.get("settings") : undefined;
}

function summaryOf(unit: JsonObject): UnitSummary {
  const [name, sourceKey, outputs] = ["name", "source_key", "outputs"].map((member) => unit.get(member));
  return {
    key: keyOf(unit),
    sourceKey: typeof sourceKey === "string" ? sourceKey : "",
    ok: unit.get("__qualname__") !== "ProtocolUnitFailure",
    name: typeof name === "string" ? name : null,
    startTime: isotime(unit.get("start_time")),
    endTime: isotime(unit.get("end_time")),
    outputs: isJsonObject(outputs) ? outputs : new Map(),
  };
}

function isotime(json: Json | undefined): string | null {
  const text = isJsonObject(json) ? json.get("isotime") : json;
  return typeof text === "string" ? text : null;
}
