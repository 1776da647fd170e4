/** `GET /v1/networks/{network}/strategy`: with all members; their chains go out with their own characters. */
import type { userRoutes } from "@alchemiscale/contract";
import { joinKeyedChain } from "@alchemiscale/gufe";
import type { Handler } from "../../transport/handler.ts";
import { JsonStream } from "../../transport/json-reply.ts";
import { pairOf, stateReply } from "../../user/strategies/strategy-state.ts";
import { requireNetwork } from "../require-class.ts";

export const strategyDescription: Handler<typeof userRoutes.strategyDescription> = async ({ context, params }) => {
  const { network } = params;
  requireNetwork(network);
  const { strategies, objects } = context.stateStore;
  const found = await strategies.describe(network);
  if (found === null) return null;
  const { state, blocked, combine, maxGpuHours, members } = found;
  const whole = { network, ...stateReply(state), blocked, combine, max_gpu_hours: maxGpuHours };
  const pieces = [`${JSON.stringify(whole).slice(0, -1)}, "members": [`];
  for (const [place, { maxGpuHours: hours, exception, ...member }] of members.entries()) {
    const chain = await objects.chain(member.strategy);
    const facts = JSON.stringify({ ...member, exception: pairOf(exception), max_gpu_hours: hours });
    pieces.push(`${place === 0 ? "" : ", "}${facts.slice(0, -1)}, "chain": ${joinKeyedChain(chain ?? [])}}`);
  }
  return new JsonStream([...pieces, "]}"], pieces.join("").length);
};
