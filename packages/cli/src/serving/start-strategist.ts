import type { Scope } from "@alchemiscale/contract";
import type { StateStore } from "@alchemiscale/statestore";
import type { Proposer, Strategist } from "@alchemiscale/strategist/service";
import type { Logger } from "pino";
import { environmentChoice, environmentNumber } from "../environment.ts";

export interface StrategistChoice {
  /** Seconds between two decisions, at least. */
  readonly sleepInterval: number;
}

export interface StrategistServeOptions {
  /** False with `--no-strategist`. */
  readonly strategist?: boolean;
  readonly strategistInterval?: number;
}

/** Undefined where a server is to execute no strategies. @throws {UsageError} */
export function strategistChoice({ strategist, strategistInterval }: StrategistServeOptions): StrategistChoice | undefined {
  const wanted = environmentChoice("ALCHEMISCALE_STRATEGIST", "true", ["true", "false"]) === "true";
  const sleepInterval = strategistInterval ?? environmentNumber("ALCHEMISCALE_STRATEGIST_INTERVAL", 300, { least: 1 });
  return strategist === false || !wanted ? undefined : { sleepInterval };
}

/** Beside the APIs: strategies themselves are loaded in a thread, when a network has one that is due. */
export async function startStrategist(
  choice: StrategistChoice,
  stateStore: StateStore,
  logger: Logger,
  proposer?: Proposer,
): Promise<Strategist> {
  const { Strategist } = await import("@alchemiscale/strategist/service");
  const strategist = new Strategist({
    stateStore,
    logger,
    ...choice,
    ...(proposer && { proposer }),
    // Two cores may be all that there is, and they are the APIs' first.
    maxWorkers: 1,
    scopes: ["*-*-*" as Scope],
    delaySeconds: startDelaySeconds,
  });
  strategist.start();
  return strategist;
}

/** A start is quick, and small, where nothing is to be done. */
const startDelaySeconds = 3;
