import { encodeResult } from "@alchemiscale/client/node";
import { parseComputeServiceId, type ScopedKey } from "@alchemiscale/contract";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { syntheticResult } from "../networks/synthetic-result.ts";
import { freshScope, type MeasuredSystem } from "../servers/measured-system.ts";

const postsAtOnce = 4;
const mebibyte = 2 ** 20;

/** A network with so many results of 1 MiB. `distinct`: each has a content of its own, and else one of four. */
export async function storedResults(
  { user, compute }: MeasuredSystem,
  count: number,
  say: (done: number) => void,
  distinct = false,
): Promise<ScopedKey> {
  const network = await user.createNetwork(
    syntheticNetwork({ systems: 20, transformations: 30, proteinAtoms: 50 }).text,
    freshScope(),
  );
  const transformations = await user.getNetworkTransformations(network);
  const service = parseComputeServiceId(`bench-${"0".repeat(32)}`);
  const tasks: ScopedKey[] = [];
  for (const transformation of transformations) {
    tasks.push(...(await user.createTasks(transformation, { count: Math.ceil(count / transformations.length) })));
  }
  // A content for each of those who post: the same one twice in the same moment would be one result of two Tasks.
  const next = tasks.slice(0, count).values();
  let done = 0;
  const bodyOf = (seed: number) =>
    encodeResult({ bytes: new TextEncoder().encode(syntheticResult(mebibyte + 4096, { seed })) }, service);
  const post = async (lane: number) => {
    let body = await bodyOf(lane);
    for (const task of next) {
      await compute.postResult(task, body);
      done += 1;
      if (done % 500 === 0) say(done);
      if (distinct) body = await bodyOf(lane + postsAtOnce * done);
    }
    await body.dispose();
  };
  await Promise.all(Array.from({ length: postsAtOnce }, (_, lane) => post(lane + 1)));
  return network;
}
