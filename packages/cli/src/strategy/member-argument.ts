import type { NewStackMember } from "@alchemiscale/client";
import { type StackRole, type StackUntil, stackRoles, stackUntils } from "@alchemiscale/contract";
import { GufeError, joinKeyedChain } from "@alchemiscale/gufe";
import { InvalidStrategySettings, strategyFromChain } from "@alchemiscale/strategist";
import { locateChain } from "../check/locate-chain.ts";
import { UsageError } from "../usage-error.ts";
import { strategyChunks } from "./strategy-chunks.ts";

/**
 * A strategy of a stack as it is written on the command line: a name or a file, then rules after commas.
 * @throws {UsageError}
 */
export async function memberArgument(text: string): Promise<NewStackMember> {
  const rules: string[] = [];
  let place = text;
  for (let match = rulePattern.exec(place); match !== null; match = rulePattern.exec(place)) {
    rules.unshift(match[1] ?? "");
    place = place.slice(0, match.index);
  }
  let member: NewStackMember = { strategy: await chainOf(place) };
  for (const rule of rules) member = { ...member, ...ruleOf(rule) };
  return member;
}

/** The last one; what comes before may have commas of its own. */
const rulePattern = /,((?:weight|role|until|max-gpu-hours)=[^,]*)$/;

function ruleOf(rule: string): Partial<NewStackMember> {
  const [name, value = ""] = rule.split("=", 2);
  if (name === "role" && isRole(value)) return { role: value };
  if (name === "until" && isUntil(value)) return { until: value };
  const number = Number(value);
  if (value !== "" && number > 0 && Number.isFinite(number)) {
    if (name === "weight") return { weight: number };
    if (name === "max-gpu-hours") return { maxGpuHours: number };
  }
  throw new UsageError(
    `${rule} is no rule of a stack: weight=NUMBER above 0, role=${stackRoles.join("|")}, until=${stackUntils.join("|")}, max-gpu-hours=NUMBER above 0`,
  );
}

function isRole(text: string): text is StackRole {
  return (stackRoles as readonly string[]).includes(text);
}

function isUntil(text: string): text is StackUntil {
  return (stackUntils as readonly string[]).includes(text);
}

async function chainOf(place: string): Promise<string> {
  const chunks = strategyChunks(place);
  try {
    const { chain } = await locateChain(chunks, place);
    if (!("entries" in chain)) throw new UsageError(`${place} is too large for a strategy`);
    // Settings that cannot be would be found out by the strategist, much later; those of a class that only Python has are its matter.
    strategyFromChain(chain);
    return joinKeyedChain(chain.entries);
  } catch (error) {
    if (error instanceof GufeError || error instanceof InvalidStrategySettings)
      throw new UsageError(`${place}: ${error.message}`);
    throw error;
  }
}
