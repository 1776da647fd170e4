/** The thread's part of a summary: from the readings of a Transformation's results to one document. */
import { createHash } from "node:crypto";
import {
  estimateOfGathered,
  estimateTransformation,
  type GatheredEstimate,
  protocolReaders,
  type StoredReading,
  type TransformationEstimate,
  type UnitReading,
} from "@alchemiscale/analysis";
import { qualnameOf } from "@alchemiscale/contract/scoped-key";
import type { StaleTransformation, TransformationSummary } from "@alchemiscale/statestore";
import type { KeptReading } from "./kept-reading.ts";
import type { TransformationBrief, TransformationDocument } from "./transformation-document.ts";

const longestList = 1000;

export interface SummarizeInput {
  readonly stale: readonly StaleTransformation[];
  /** Whether there is a Python to ask where no reader knows the protocol. */
  readonly asksPython: boolean;
  /** What it has said, by the Transformation's id. */
  readonly gathered?: ReadonlyMap<number, GatheredEstimate>;
}

export interface Summarized {
  readonly summaries: readonly TransformationSummary[];
  /** Those that Python is to be asked about first, with the gufe keys of the results that it can read. */
  readonly toGather: readonly { readonly id: number; readonly resultKeys: readonly string[] }[];
}

export function summarizeTransformations({ stale, asksPython, gathered = new Map() }: SummarizeInput): Summarized {
  const summaries: TransformationSummary[] = [];
  const toGather: { id: number; resultKeys: string[] }[] = [];
  for (const transformation of stale) {
    const { id, revision } = transformation;
    const kept = transformation.readings.map((stored) => ({ stored, ...(JSON.parse(stored.text) as KeptReading) }));
    const resultKeys = kept
      .filter(({ stored, reading }) => stored.ok && isUnknown(reading))
      .map(({ stored }) => stored.resultKey);
    if (asksPython && resultKeys.length > 0 && !gathered.has(id) && !isRead(transformation)) {
      toGather.push({ id, resultKeys });
      continue;
    }
    const document = summarize(transformation, kept, gathered.get(id) ?? { error: asksPython ? nothingToGather : noPython });
    summaries.push({
      id,
      revision,
      text: JSON.stringify(document),
      brief: JSON.stringify(briefOf(document)),
      words: inWords(document.estimate),
    });
  }
  return { summaries, toGather };
}

const noPython =
  "its Python class makes estimates once the server is told of an interpreter that has it (ALCHEMISCALE_ANALYSIS_PYTHON, --analysis-python)";
const nothingToGather = "there are no results yet that its Python class could gather";

function isUnknown(reading: StoredReading): boolean {
  return reading.status === "unreadable" && reading.reason.code === "unknown-protocol";
}

/** Whether there is a reader, or nobody to look for. */
function isRead({ protocol }: Pick<StaleTransformation, "protocol">): boolean {
  return protocol === null || protocolReaders.has(qualnameOf(protocol));
}

function summarize(
  { protocol, failures }: StaleTransformation,
  kept: readonly (KeptReading & { readonly stored: StaleTransformation["readings"][number] })[],
  gathered: GatheredEstimate,
): TransformationDocument {
  const qualname = protocol === null ? "" : qualnameOf(protocol);
  const { convergence: _, ...estimate } = isRead({ protocol })
    ? estimateTransformation(
        { qualname },
        kept.map(({ reading }) => reading),
      )
    : estimateOfGathered(qualname, gathered);
  const digest = createHash("sha256");
  for (const { stored, reading } of kept) digest.update(`${stored.resultKey} ${reading.version} ${stored.ok}\n`);
  const reasons = new Map<string, number>();
  const count = (reason: string, times: number) => reasons.set(reason, (reasons.get(reason) ?? 0) + times);
  for (const { failures: lines = [] } of kept) if (lines.length > 0) count(lines.at(-1) ?? "", 1);
  for (const { exception, failures: times } of failures) count(exception, times);
  return {
    estimate,
    results: kept.map(({ stored, reading }) => ({
      result: stored.resultKey,
      ok: stored.ok,
      seconds: reading.units === undefined ? null : secondsOf(reading.units),
      hardware: stored.hardware,
    })),
    failures: [...reasons]
      .map(([reason, times]) => ({ reason, count: times }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
      .slice(0, longestList),
    unreadable: kept.flatMap(({ stored, reading }) =>
      reading.status === "read" || (isUnknown(reading) && estimate.resultKeys.includes(stored.resultKey))
        ? []
        : [{ result: stored.resultKey, ...reading.reason }],
    ),
    digest: digest.digest("hex"),
  };
}

function briefOf({ estimate, results, unreadable }: TransformationDocument): TransformationBrief {
  const { method, n, uncertainty } = estimate;
  const succeeded = results.filter(({ ok }) => ok).length;
  return {
    estimate: {
      method,
      estimate: estimate.estimate,
      uncertainty,
      n,
      perRepeat: estimate.perRepeat.map(({ leg, estimate: value, error }) => ({ leg, estimate: value, error })),
      perLeg: estimate.perLeg.map(({ leg, sign }) => ({ leg, sign })),
    },
    flags: [...new Set(estimate.flags.map(({ code }) => code))],
    succeeded,
    failed: results.length - succeeded,
    unreadable: unreadable.length,
    costs: results.flatMap(({ ok, seconds, hardware }) => (ok && seconds !== null ? [{ seconds, hardware }] : [])),
  };
}

/** From the first start to the last end. Times are local to the host that ran the units, and only ever compared with each other. */
function secondsOf(units: readonly UnitReading[]): number | null {
  const times = (name: "startTime" | "endTime") =>
    units.map((unit) => Date.parse(`${unit[name]?.replace(/Z$/, "")}Z`)).filter(Number.isFinite);
  const seconds = (Math.max(...times("endTime")) - Math.min(...times("startTime"))) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** For those who watch. */
function inWords({ estimate, uncertainty, n }: Pick<TransformationEstimate, "estimate" | "uncertainty" | "n">): string {
  if (estimate === null) return `no estimate (${n})`;
  return `${estimate.toFixed(2)} ± ${uncertainty === null ? "?" : uncertainty.toFixed(2)} kcal/mol (${n})`;
}
