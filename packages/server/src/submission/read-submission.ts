/** From the body of `POST /networks` to what the state store takes. Runs on either thread. */
import {
  InvalidScope,
  isNetworkState,
  isSpecific,
  type NetworkState,
  networkStates,
  type Scope,
  scopeFromJson,
} from "@alchemiscale/contract";
import {
  GufeError,
  JsonSyntaxError,
  type KeyedChain,
  networkIndex,
  type PackedEntries,
  packEntries,
  scanChainMember,
  scanMembers,
  sliceKeyedChain,
} from "@alchemiscale/gufe";
import type { NetworkSubmission } from "@alchemiscale/statestore";
import type { Issue } from "../transport/decode-value.ts";
import { HttpError, unprocessable } from "../transport/http-error.ts";
import { bodyText, invalidJson, parsePlainJson } from "../transport/json-body.ts";

/** A body that has the right shape. The chain may still be wrong: whoever may not submit to the scope is told that first. */
export interface ReadSubmission {
  readonly scope: Scope;
  readonly content:
    | { readonly ok: true; readonly submission: PackedSubmission; readonly state: NetworkState }
    | { readonly ok: false; readonly status: number; readonly detail: unknown };
}

type PackedSubmission = Omit<NetworkSubmission, "scope" | "state" | "entries"> & { readonly entries: PackedEntries };

export interface SubmissionOptions {
  /** Refuse keys that are provably not those of their content. */
  readonly strict: boolean;
}

export interface SubmissionBytes extends SubmissionOptions {
  readonly bytes: Uint8Array;
}

/** As {@link readSubmission}, from the bytes: the form in which a thread gets it. */
export function readSubmissionBytes(input: SubmissionBytes): ReadSubmission {
  return readSubmission(bodyText(input.bytes), input);
}

/** @throws {HttpError} 422 for what is no JSON, lacks a member, or names no specific scope (user-api §5.2) */
export function readSubmission(text: string, options: SubmissionOptions): ReadSubmission {
  return readWithoutFault(text, options) ?? readWithCare(text, options);
}

/** In one pass. Undefined where anything is wrong: what, and what of it must be told, is found out with care. */
function readWithoutFault(text: string, options: SubmissionOptions): ReadSubmission | undefined {
  try {
    const { members, chain } = scanChainMember(text, "network", options);
    if (chain === undefined || !members.has("scope") || !members.has("state")) return undefined;
    const scope = readScope(members.get("scope") ?? "");
    const state = readState(members.get("state") ?? "");
    return { scope, content: { ok: true, state, submission: submissionOf(chain) } };
  } catch (error) {
    if (error instanceof GufeError || error instanceof HttpError) return undefined;
    throw error;
  }
}

/** In two: what stands around the chain first, as a fault in it is only for those who may submit to the scope. */
function readWithCare(text: string, options: SubmissionOptions): ReadSubmission {
  const members = submissionMembers(text);
  const missing = ["network", "scope", "state"].filter((name) => !members.has(name));
  if (missing.length > 0) {
    throw unprocessable(
      missing.map((name): Issue => ({ type: "missing", loc: ["body", name], msg: "Field required", input: null })),
    );
  }
  const scope = readScope(members.get("scope") ?? "");
  try {
    const state = readState(members.get("state") ?? "");
    return { scope, content: { ok: true, state, submission: readChain(members.get("network") ?? "", options) } };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { scope, content: { ok: false, status: error.status, detail: error.detail } };
  }
}

function submissionMembers(text: string): Map<string, string> {
  try {
    return scanMembers(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) {
      if (error instanceof GufeError) throw unprocessable(error.message);
      throw error;
    }
    if (error.code === "not-an-object")
      throw unprocessable("the body must be a JSON object with the members network, scope and state");
    throw invalidJson(error.where, error.message);
  }
}

function readScope(text: string): Scope {
  let scope: Scope;
  try {
    scope = scopeFromJson(parsePlainJson(text));
  } catch (error) {
    if (error instanceof InvalidScope) throw unprocessable(error.message);
    throw error;
  }
  if (!isSpecific(scope))
    throw unprocessable(`the scope ${scope} has a wildcard; a network is submitted to one place: org, campaign and project`);
  return scope;
}

function readState(text: string): NetworkState {
  const value = parsePlainJson(text);
  if (typeof value === "string" && isNetworkState(value)) return value;
  const shown = value === null ? "None" : typeof value === "string" ? value : text.slice(0, 100);
  throw unprocessable(`\`state\` = ${shown} must be one of the following: ${[...networkStates].sort().join(", ")}`);
}

function readChain(text: string, options: SubmissionOptions): PackedSubmission {
  try {
    return submissionOf(sliceKeyedChain(text, options));
  } catch (error) {
    if (error instanceof GufeError) throw unprocessable(`the network cannot be read: ${error.message}`);
    throw error;
  }
}

/** @throws {GufeError} {@link HttpError} */
function submissionOf(chain: KeyedChain): PackedSubmission {
  const index = networkIndex(chain);
  for (const edge of index.edges) {
    // An exact Transformation only: a NonTransformation has one system by nature.
    if (edge.qualname === "Transformation" && edge.stateA === edge.stateB) {
      throw unprocessable(
        `the transformation ${edge.key} leads from the system ${edge.stateA} to itself; use a NonTransformation`,
      );
    }
  }
  return {
    entries: packEntries(chain.entries),
    network: { key: index.key, name: index.name },
    systems: index.systems,
    transformations: index.edges,
  };
}
