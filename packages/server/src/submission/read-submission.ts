/** From the body of `POST /networks` to what the state store takes. Runs on either thread. */
import { isUtf8 } from "node:buffer";
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
  type NetworkIndex,
  networkIndex,
  type PackedEntries,
  packEntries,
  packNetworkMember,
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

export interface SubmissionInput {
  readonly bytes: Uint8Array;
  /** Refuse keys that are provably not those of their content. */
  readonly strict: boolean;
}

/** @throws {HttpError} 400 for what is no UTF-8; 422 for what is no JSON, lacks a member, or names no specific scope (user-api §5.2) */
export function readSubmission(input: SubmissionInput): ReadSubmission {
  return readAtOnce(input) ?? readWithCare(input);
}

/** In one pass. Undefined where anything is wrong or unusual: what, and what of it must be told, is found out with care. */
export function readAtOnce({ bytes, strict }: SubmissionInput): ReadSubmission | undefined {
  if (strict || !isUtf8(bytes)) return undefined;
  try {
    const network = packNetworkMember(bytes, "network");
    if (network === undefined || !network.members.has("scope") || !network.members.has("state")) return undefined;
    const scope = readScope(network.members.get("scope") ?? "");
    const state = readState(network.members.get("state") ?? "");
    return { scope, content: { ok: true, state, submission: submissionOf(network.index, network.entries) } };
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}

/** In two: what stands around the chain first, as a fault in it is only for those who may submit to the scope. Throws as {@link readSubmission}. */
export function readWithCare({ bytes, strict }: SubmissionInput): ReadSubmission {
  const members = submissionMembers(bodyText(bytes));
  const missing = ["network", "scope", "state"].filter((name) => !members.has(name));
  if (missing.length > 0) {
    throw unprocessable(
      missing.map((name): Issue => ({ type: "missing", loc: ["body", name], msg: "Field required", input: null })),
    );
  }
  const scope = readScope(members.get("scope") ?? "");
  try {
    const state = readState(members.get("state") ?? "");
    return { scope, content: { ok: true, state, submission: readChain(members.get("network") ?? "", { strict }) } };
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

function readChain(text: string, options: { readonly strict: boolean }): PackedSubmission {
  try {
    const chain = sliceKeyedChain(text, options);
    return submissionOf(networkIndex(chain), packEntries(chain.entries));
  } catch (error) {
    if (error instanceof GufeError) throw unprocessable(`the network cannot be read: ${error.message}`);
    throw error;
  }
}

/** @throws {HttpError} */
function submissionOf(index: NetworkIndex, entries: PackedEntries): PackedSubmission {
  for (const edge of index.edges) {
    // An exact Transformation only: a NonTransformation has one system by nature.
    if (edge.qualname === "Transformation" && edge.stateA === edge.stateB) {
      throw unprocessable(
        `the transformation ${edge.key} leads from the system ${edge.stateA} to itself; use a NonTransformation`,
      );
    }
  }
  return {
    entries,
    network: { key: index.key, name: index.name },
    systems: index.systems,
    transformations: index.edges,
  };
}
