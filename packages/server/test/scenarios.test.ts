import { describe, expect, test } from "vitest";
import { readScenario } from "../../../scripts/recorded-scenarios/scenario.ts";
import { ScenarioReplayer, type StepOutcome } from "./scenario-replayer.ts";
import { ServerProcess } from "./server-process.ts";

/** Conversations recorded with the Python server. Each must be reproduced. */
const names = [
  "01-auth",
  "02-networks",
  "03-tasks",
  "04-hubs",
  "05-status-counts",
  "06-claims",
  "07-results",
  "08-restarts",
  "09-strategies",
  "10-compute-services",
  "11-compute-managers",
  "12-malformed",
  "13-end-to-end-0.8.0",
  "14-end-to-end-0.7.2",
  "15-walk-a",
  "16-walk-b",
];

describe("a recorded conversation is reproduced", () => {
  test.each(names)("%s", async (name) => {
    const outcomes = await replayed(name);
    const faults = outcomes
      .filter((outcome) => outcome.wrong !== null)
      .map(({ step, wrong }) => `step ${step.n} ${step.api} ${step.request.method} ${step.request.path}: ${wrong}`);
    expect(faults).toEqual([]);
  });
});

async function replayed(name: string): Promise<StepOutcome[]> {
  const scenario = readScenario(name);
  const server = await ServerProcess.start({ identities: scenario.identities });
  try {
    return await new ScenarioReplayer(scenario, server).run();
  } finally {
    await server.stop();
  }
}
