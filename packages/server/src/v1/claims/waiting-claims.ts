/**
 * Claims that wait until there is something to claim.
 *
 * Services that ask for the same (scopes, exclusions, protocols) wait in one group, in the order in which they came. A change that may
 * have made a Task claimable in a scope of the group wakes it once: the first in line tries; as long as somebody gets something the
 * next ones try, twice as many at a time as before; with the first who gets nothing the group sleeps again. So an idle service costs
 * no query, and a change costs one for each group, not one for each service.
 */
import { type ComputeServiceId, grants, type Scope, type ScopedKey, scopeOf } from "@alchemiscale/contract";
import type { ClaimOperations, Event, StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";
import type { ChangeFeed } from "../events/change-feed.ts";

export type WaitingClaim = Parameters<ClaimOperations["claim"]>[0];

export interface Claimed {
  readonly denied: boolean;
  readonly tasks: readonly ScopedKey[];
}

const mostAtOnce = 16;
/** Between two tries of a group that found nothing, so that a busy store is not asked all the time. */
const restMs = 25;
/** Groups also try unasked, should a change ever have gone unheard. */
const unaskedMs = 15_000;

const nothing: Claimed = { denied: false, tasks: [] };

interface Waiter {
  /** The request as of now: the time before which failures are forgiven moves on. */
  readonly request: () => WaitingClaim;
  readonly settle: (claimed: Claimed) => void;
  readonly fail: (error: unknown) => void;
  /** Has an answer, or went away. */
  over: boolean;
}

interface Group {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly waiters: Set<Waiter>;
  trying: boolean;
  again: boolean;
}

export class WaitingClaims {
  readonly #store: StateStore;
  readonly #feed: ChangeFeed;
  readonly #logger: FastifyBaseLogger;
  readonly #groups = new Map<string, Group>();
  #subscription: Promise<() => void> | undefined;
  #unasked: NodeJS.Timeout | undefined;

  constructor(store: StateStore, feed: ChangeFeed, logger: FastifyBaseLogger) {
    this.#store = store;
    this.#feed = feed;
    this.#logger = logger;
  }

  /** Claims without an answer so far. */
  get size(): number {
    return this.#groups.values().reduce((size, { waiters }) => size + waiters.size, 0);
  }

  /**
   * What could be claimed at once, or as soon as something can be, or nothing after `waitMs` or when `ended` says so. Tasks that come too
   * late for `ended` wait again.
   * @throws {ServiceNotRegistered}
   */
  async claim(request: () => WaitingClaim, waitMs: number, ended: AbortSignal): Promise<Claimed> {
    if (waitMs <= 0 || request().scopes.length === 0) {
      const claimed = await this.#claim(request());
      if (waitMs <= 0 || claimed.denied) return claimed;
    }
    const group = this.#groupOf(request());
    const waiting = this.#enqueue(group, request, waitMs, ended);
    // Nobody may be left to end a subscription that were begun now.
    if (waiting.waiter.over) return await waiting.claimed;
    try {
      this.#subscription ??= this.#feed.subscribe((events) => this.#wake(events));
      await this.#subscription;
    } catch (error) {
      this.#subscription = undefined;
      waiting.waiter.fail(error);
      return await waiting.claimed;
    }
    await this.#arrive(group, waiting.waiter);
    return await waiting.claimed;
  }

  /** Gives back what a service was given and never heard of. */
  async release(service: ComputeServiceId, tasks: readonly ScopedKey[], identity: string | null): Promise<void> {
    if (tasks.length === 0) return;
    try {
      await this.#store.claims.release(service, tasks, {
        ...(identity !== null && { identity }),
        service,
        reason: "the service went away before it heard of its claim",
      });
    } catch (error) {
      this.#logger.error(
        { err: error, service, tasks },
        "claims that a service never heard of could not be released; they end with its registration",
      );
    }
  }

  /** The first try: of the first in line for all it wants; of who stands behind others only whether it may claim at all. */
  async #arrive(group: Group, waiter: Waiter): Promise<void> {
    if (waiter.over) return;
    const [first] = group.waiters;
    if (first === waiter) {
      this.#try(group);
      return;
    }
    try {
      const claimed = await this.#claim({ ...waiter.request(), count: 0 });
      if (claimed.denied) waiter.settle(claimed);
    } catch (error) {
      waiter.fail(error);
    }
  }

  async #claim(request: WaitingClaim): Promise<Claimed> {
    const { denied, tasks } = await this.#store.claims.claim(request);
    return { denied, tasks: tasks.filter((task) => task !== null) };
  }

  #groupOf({ scopes, exclude, protocols }: WaitingClaim): Group {
    const name = JSON.stringify([[...scopes].sort(), [...exclude].sort(), protocols === null ? null : [...protocols].sort()]);
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { name, scopes, waiters: new Set(), trying: false, again: false };
      this.#groups.set(name, group);
      this.#unasked ??= setInterval(() => {
        for (const each of this.#groups.values()) this.#try(each);
      }, unaskedMs).unref();
    }
    return group;
  }

  #enqueue(
    group: Group,
    request: () => WaitingClaim,
    waitMs: number,
    ended: AbortSignal,
  ): { waiter: Waiter; claimed: Promise<Claimed> } {
    const { promise: claimed, resolve, reject } = Promise.withResolvers<Claimed>();
    const end = (): void => {
      waiter.over = true;
      clearTimeout(timer);
      ended.removeEventListener("abort", giveUp);
      group.waiters.delete(waiter);
      this.#tidy(group);
    };
    const giveUp = (): void => waiter.settle(nothing);
    const waiter: Waiter = {
      request,
      over: false,
      settle: (result) => {
        if (waiter.over) return;
        end();
        resolve(result);
      },
      fail: (error) => {
        if (waiter.over) return;
        end();
        reject(error);
      },
    };
    const timer = setTimeout(giveUp, waitMs);
    group.waiters.add(waiter);
    ended.addEventListener("abort", giveUp, { once: true });
    if (ended.aborted) giveUp();
    return { waiter, claimed };
  }

  #tidy(group: Group): void {
    if (group.waiters.size > 0) return;
    if (this.#groups.get(group.name) === group) this.#groups.delete(group.name);
    if (this.#groups.size > 0) return;
    clearInterval(this.#unasked);
    this.#unasked = undefined;
    void this.#subscription?.then(
      (unsubscribe) => unsubscribe(),
      () => {},
    );
    this.#subscription = undefined;
  }

  #wake(events: readonly Event[]): void {
    const scopes = new Set<Scope>();
    for (const event of events) {
      const key = event.task ?? event.network;
      if (key !== null && mayMakeClaimable(event)) scopes.add(scopeOf(key));
    }
    if (scopes.size === 0) return;
    for (const group of this.#groups.values()) {
      for (const scope of scopes) {
        if (!grants(group.scopes, scope)) continue;
        this.#try(group);
        break;
      }
    }
  }

  #try(group: Group): void {
    group.again = true;
    if (!group.trying) void this.#serve(group);
  }

  async #serve(group: Group): Promise<void> {
    group.trying = true;
    while (group.again && group.waiters.size > 0) {
      group.again = false;
      for (let atOnce = 1; ; atOnce = Math.min(2 * atOnce, mostAtOnce)) {
        const next = [...firstOf(group.waiters, atOnce)];
        const got = await Promise.all(next.map((waiter) => this.#serveOne(waiter)));
        if (next.length === 0 || got.includes(false)) break;
      }
      if (group.waiters.size > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    }
    group.trying = false;
  }

  /** False when there was nothing for it. */
  async #serveOne(waiter: Waiter): Promise<boolean> {
    const request = waiter.request();
    try {
      const claimed = await this.#claim(request);
      if (claimed.tasks.length === 0 && !claimed.denied) return waiter.over;
      // Its answer has gone out, or its client has gone away, while the claim was made.
      if (waiter.over) await this.release(request.service, claimed.tasks, null);
      else waiter.settle(claimed);
    } catch (error) {
      if (waiter.over) this.#logger.warn({ err: error }, "a claim that nobody waited for any more failed");
      waiter.fail(error);
    }
    return true;
  }
}

function* firstOf(waiters: Iterable<Waiter>, count: number): Generator<Waiter> {
  let left = count;
  for (const waiter of waiters) {
    if (left === 0) return;
    left -= 1;
    yield waiter;
  }
}

/** A Task was put on a hub, waits again, no longer waits for another one, or has a weight now. */
function mayMakeClaimable(event: Event): boolean {
  if (event.kind === "status") return event.to === "waiting" || event.to === "complete";
  return event.kind === "action" || event.kind === "weight";
}
