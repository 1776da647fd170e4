/** The strategist: a service that executes the strategies of networks. Apart from the strategies themselves, which only its threads load. */

export type { IterationDecision, MemberDecision } from "./iteration-decision.ts";
export { type ProposalRequest, type Proposer, ProposerUnavailable } from "./proposer.ts";
export { Strategist, type StrategistLogger, type StrategistOptions } from "./strategist.ts";
