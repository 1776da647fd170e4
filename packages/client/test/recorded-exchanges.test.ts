/**
 * Conversations with the real Python server: what its own clients asked is asked by ours, in the same way, and what it answered is read by
 * ours.
 */
import { afterAll, describe, expect, test } from "vitest";
import type { Step } from "../../../scripts/recorded-scenarios/scenario.ts";
import { AlchemiscaleClient, AlchemiscaleComputeClient, AlchemiscaleComputeManagerClient, noRetries } from "../src/index.ts";
import { bodyText, filledScenario } from "./recorded/filled-scenario.ts";
import { callFor, computeCalls, userCalls } from "./recorded/recorded-calls.ts";
import { recordedServer } from "./recorded/recorded-server.ts";
import { sameReply } from "./recorded/same-reply.ts";
import { sameRequest } from "./recorded/same-request.ts";

/**
 * By scenario, the steps that none of our methods would send: logins, raw requests in forms of their own (other members, malformed keys and
 * scopes, refused here before they are sent), weights left out of a reply, routes that no client uses.
 */
const notOurs: Readonly<Record<string, string>> = {
  "01-auth": "3 5-35 38 57 64 79 81-83",
  "02-networks": "6 8 10 12 15 17 33 132-136 144 148 153 157",
  "03-tasks": "1 3 5 12 19 31 64 95-106 109-110 132-133",
  "04-hubs": "1 3 5 7 13 17 28 30 32-33 36 58 69 77 94 97-98 110-112",
  "05-status-counts": "1 3 5 7 14 45 51 97-98",
  "06-claims": "6 8 10 12 18 23-25 103 115 126 132 140-141 145",
  "07-results": "1 3 5 44 114",
  "08-restarts": "1 3 5-6 16 30 130-131",
  "09-strategies": "1 3 10 27 31 39 47 58-78 82 88 90-91",
  "10-compute-services": "1 3 10 13 24 52-58 60-61 67-72",
  "11-compute-managers": "2 8-9 11 13 38 43 52 57 60-64 66 69-75 120-121",
  "12-malformed":
    "1 3 6-70 72 74-88 90-119 121 123-129 134-143 147 150-154 156 158-167 178-185 187-209 211-217 219 221 224 226-243",
  "13-end-to-end-0.8.0": "1 18 22 49 69-70 72 81-82 85",
  "14-end-to-end-0.7.2": "1 18 22 49 72-73 77",
  "15-walk-a": "1 3 20 57 76 104 117",
  "16-walk-b": "1 3 17 47 49 55 71 97 131 174 200",
};

const replayed = new Map<string, number>();

describe("a recorded conversation", () => {
  test.each(Object.keys(notOurs))("%s", { timeout: 60_000 }, async (name) => {
    const scenario = filledScenario(name);
    let step: Step | undefined;
    await using server = await recordedServer(() => ({
      status: step?.reply.status ?? 500,
      text: (step && bodyText(step.reply)) ?? "",
    }));
    const others: number[] = [];
    const faults: string[] = [];
    for (step of scenario.steps) {
      const call = callFor(step);
      const who = scenario.identities.find((identity) => identity.name === step?.request.as);
      if (call === undefined || (who === undefined && call.name.split(".")[1] !== "ping")) {
        others.push(step.n);
        continue;
      }
      const connection = { url: server.url, identifier: who?.identifier ?? "", key: "a key", retries: noRetries };
      const outcome = await outcomeOf(() =>
        call.make({
          user: new AlchemiscaleClient(connection),
          compute: new AlchemiscaleComputeClient(connection),
          manager: new AlchemiscaleComputeManagerClient(connection),
        }),
      );
      const [seen] = server.take();
      if (seen === undefined || sameRequest(seen, step) !== null) {
        others.push(step.n);
        continue;
      }
      replayed.set(call.name, (replayed.get(call.name) ?? 0) + 1);
      const wrong = sameReply(call.name, step, outcome.value, outcome.error);
      if (wrong !== null) faults.push(`step ${step.n}, ${call.name}: ${wrong}`);
    }
    expect(faults).toEqual([]);
    expect(ranges(others)).toBe(notOurs[name]);
  });
});

afterAll(() => {
  const names = [
    ...Object.keys(userCalls).map((name) => `user.${name}`),
    ...Object.keys(computeCalls).map((name) => `compute.${name}`),
  ];
  expect(names.filter((name) => !replayed.has(name))).toEqual([]);
  expect([...replayed.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1000);
});

async function outcomeOf(call: () => PromiseLike<unknown>): Promise<{ readonly value?: unknown; readonly error?: unknown }> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

/** `1 3-5`. */
function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ");
}
