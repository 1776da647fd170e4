/** The thread's part of the details of an estimate: how well each repeat was sampled, from the readings of the results. */
import type { Convergence, RepeatReading, ResultReading } from "@alchemiscale/analysis";
import type { TransformationEstimate } from "@alchemiscale/contract";
import type { KeptReading } from "./kept-reading.ts";

export type EstimateDetails = NonNullable<TransformationEstimate["details"]>;
type RepeatDetails = EstimateDetails["repeats"][number];

/** Of results that are ok, each once. @param texts as the state store keeps them */
export function repeatDetails(texts: readonly string[]): RepeatDetails[] {
  const readings = new Map<string, ResultReading>();
  for (const text of texts) {
    const { reading } = JSON.parse(text) as KeptReading;
    if (reading.status === "read" && reading.ok) readings.set(reading.resultKey, reading);
  }
  return [...readings.values()].flatMap(({ resultKey: result, repeats, work }) => [
    ...repeats.map((repeat) => ({ result, ...detailsOf(repeat) })),
    ...work.map(({ seed, alone }) => ({
      result,
      leg: null,
      repeat: seed ?? result,
      generation: 0,
      ...noSampling,
      convergence: inWords(alone?.convergence ?? null),
    })),
  ]);
}

const noSampling = {
  neighbour_overlap: null,
  neighbour_exchange: null,
  production_iterations: null,
  equilibration_iterations: null,
};

function detailsOf(repeat: RepeatReading): Omit<RepeatDetails, "result"> {
  return {
    leg: repeat.leg,
    repeat: repeat.repeatId,
    generation: repeat.generation,
    neighbour_overlap: repeat.neighbourOverlap,
    neighbour_exchange: repeat.neighbourExchange ?? null,
    production_iterations: repeat.productionIterations,
    equilibration_iterations: repeat.equilibrationIterations,
    convergence: inWords(repeat.convergence),
  };
}

/** As it is called on the wire. */
function inWords(data: Convergence | null): RepeatDetails["convergence"] {
  if (data === null) return null;
  const { fractions, forward, forwardError, reverse, reverseError } = data;
  return {
    fractions: [...fractions],
    forward: [...forward],
    forward_error: [...forwardError],
    reverse: [...reverse],
    reverse_error: [...reverseError],
  };
}
