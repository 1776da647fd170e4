/** From the body of `PUT /v1/networks/{network}/strategy` to what the state store takes. Runs on either thread. */
import { StackMemberRules, StackSettings } from "@alchemiscale/contract";
import { type ChainEntry, GufeError, scanElements } from "@alchemiscale/gufe";
import type { StrategySubmission } from "@alchemiscale/statestore";
import { unprocessable } from "../transport/http-error.ts";
import { bodyText } from "../transport/json-body.ts";
import { bodyMembers, readChain, readState, type StrategyBytes, settingsOf } from "./read-strategy.ts";

const mostMembers = 16;

/** @throws {HttpError} 422 for what is no JSON, no list of strategies, or no rules of a stack */
export function readStackBytes({ bytes, strict }: StrategyBytes): StrategySubmission {
  const body = bodyMembers(bodyText(bytes));
  const texts = elementsOf(body.get("members"));
  if (texts.length < 1 || texts.length > mostMembers) {
    throw unprocessable(`members has ${texts.length} elements; a stack has 1 to ${mostMembers} strategies`);
  }
  const { combine = "weighted", max_gpu_hours: maxGpuHours = null } = settingsOf(StackSettings, body);
  const state = readState(body);
  const entries = new Map<string, ChainEntry>();
  const members = texts.map((text) => {
    const member = bodyMembers(text);
    const strategy = member.get("strategy");
    if (strategy === undefined) {
      throw unprocessable([{ type: "missing", loc: ["body", "members", "strategy"], msg: "Field required", input: null }]);
    }
    const chain = readChain(strategy, strict);
    for (const entry of chain.entries) entries.set(entry.key, entry);
    const { weight = 1, role = "add", until = "done", max_gpu_hours: hours = null } = settingsOf(StackMemberRules, member);
    return { key: chain.key, weight, role, until, maxGpuHours: hours };
  });
  return { key: members[0]?.key ?? "", entries: [...entries.values()], state, stack: { combine, maxGpuHours, members } };
}

function elementsOf(text: string | undefined): string[] {
  if (text === undefined) {
    throw unprocessable([{ type: "missing", loc: ["body", "members"], msg: "Field required", input: null }]);
  }
  try {
    return scanElements(text);
  } catch (error) {
    if (error instanceof GufeError) throw unprocessable(`members must be a list: ${error.message}`);
    throw error;
  }
}
