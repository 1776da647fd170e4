import { GufeError, JsonLimitError, qualnameOfKey, type ResultSummary, type Zstd } from "@alchemiscale/gufe";
import type { Flag } from "./flag.ts";
import type { ProtocolReader, ReadableProtocol } from "./protocol-reader.ts";
import { protocolReaders } from "./protocol-readers.ts";
import {
  type ResultReading,
  readerVersion,
  type StoredReading,
  type UnitReading,
  type UnreadableCode,
  type UnreadableResult,
} from "./result-reading.ts";

/** A result with those outputs of its units that the protocol's reader looks at. */
export type SummarizedResult = Pick<ResultSummary, "key" | "ok" | "units">;

/** The reading of a result that was taken apart; what its values are not readable for has a reason. */
export function readingOf(protocol: ReadableProtocol, result: SummarizedResult, zstd: Pick<Zstd, "decompress">): StoredReading {
  const { qualname } = protocol;
  const reader = protocolReaders.get(qualname);
  if (reader === undefined) {
    const reason = unreadable(qualname, result.key, "unknown-protocol", `there is no reader for results of ${qualname}`);
    return { ...reason, units: unitReadings(result.units) };
  }
  try {
    return read(reader, protocol, result, zstd);
  } catch (error) {
    return unreadableResult(qualname, result.key, error, "malformed");
  }
}

/** What is kept of a result that threw `error`. */
export function unreadableResult(
  protocol: string,
  resultKey: string | null,
  error: unknown,
  otherwise: UnreadableCode,
): UnreadableResult {
  const isTooLarge = error instanceof JsonLimitError || (error instanceof GufeError && error.code === "too-large");
  return unreadable(
    protocol,
    resultKey,
    isTooLarge ? "too-large" : otherwise,
    error instanceof Error ? error.message : String(error),
  );
}

/** Characters of a message that are kept: it may hold what the result holds. */
const longest = 1000;

function unreadable(protocol: string, resultKey: string | null, code: UnreadableCode, message: string): UnreadableResult {
  return {
    status: "unreadable",
    version: readerVersion,
    resultKey,
    protocol,
    reason: { code, message: message.slice(0, longest) },
  };
}

const nothing: Pick<ResultReading, "temperature" | "repeats" | "work" | "flags"> = {
  temperature: null,
  repeats: [],
  work: [],
  flags: [],
};

function read(
  reader: ProtocolReader,
  protocol: ReadableProtocol,
  { key, ok, units }: SummarizedResult,
  zstd: Pick<Zstd, "decompress">,
): ResultReading {
  const successes = units.flatMap((unit) => (unit.ok ? [{ ...unit, name: unit.name ?? "" }] : []));
  const findings = ok ? reader.read({ resultKey: key, successes, settings: protocol.settings, zstd }) : nothing;
  return {
    status: "read",
    version: readerVersion,
    resultKey: key,
    protocol: protocol.qualname,
    ok,
    temperature: findings.temperature,
    repeats: findings.repeats,
    work: findings.work,
    units: unitReadings(units),
    flags: [...(ok ? failedAttempts(units.length - successes.length) : []), ...findings.flags],
  };
}

function unitReadings(units: SummarizedResult["units"]): UnitReading[] {
  return units.map(({ sourceKey, ok, startTime, endTime }) => ({
    unitClass: qualnameOfKey(sourceKey),
    ok,
    startTime,
    endTime,
  }));
}

function failedAttempts(count: number): Flag[] {
  if (count === 0) return [];
  return [
    { code: "failed-unit", message: `${count} ${count === 1 ? "attempt" : "attempts"} at units failed before others succeeded` },
  ];
}
