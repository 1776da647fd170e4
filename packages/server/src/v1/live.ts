/** What goes on while clients wait: shared by the APIs of one process. */
import type { StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";
import { WaitingClaims } from "./claims/waiting-claims.ts";
import { ChangeFeed } from "./events/change-feed.ts";
import { EventTails } from "./events/event-tails.ts";
import { ClaimWatch } from "./services/claim-watch.ts";

export class Live {
  readonly tails: EventTails;
  readonly claims: WaitingClaims;
  readonly claimWatch: ClaimWatch;

  constructor(store: StateStore, logger: FastifyBaseLogger) {
    const feed = new ChangeFeed(store, logger);
    this.tails = new EventTails(store, feed);
    this.claims = new WaitingClaims(store, feed, logger);
    this.claimWatch = new ClaimWatch(store, feed);
  }
}
