/** A store and the model of it, side by side: what random operations are applied to. */
import type { ComputeManagerId, ComputeServiceId, NetworkState, Scope, ScopedKey } from "@alchemiscale/contract";
import fc from "fast-check";
import { expect } from "vitest";
import type { Instant, NetworkSubmission, StateStore } from "../../src/index.ts";
import { nth, unknownNetwork, unknownTask } from "../given.ts";
import { covers, Model, type ModelNetwork, type ModelTask, type ModelTransformation } from "../model/model.ts";
import type { StoreUnderTest } from "../on-every-engine.ts";
import { sampleNetwork } from "../sample-network.ts";

/** What may be done: arguments are drawn, then applied to the store and to the model, and both replies compared. */
export interface RandomOperation<A = unknown> {
  readonly name: string;
  readonly weight: number;
  readonly arguments: fc.Arbitrary<A>;
  apply(world: World, args: A): Promise<void>;
}

/** Declares an operation without its type of arguments, so that all fit into one list. */
export function operation<A>(declared: RandomOperation<A>): RandomOperation {
  return declared as unknown as RandomOperation;
}

export const protocols = ["ProtocolA", "ProtocolB", "ProtocolA", "ProtocolC"];
/** Of which Transformations a network consists, and in which scope it is: some share Transformations, and two are the same. */
const plans: readonly { readonly scope: number; readonly name: string | null; readonly members: readonly number[] }[] = [
  { scope: 0, name: "first", members: [0, 1] },
  { scope: 0, name: "second", members: [1, 2] },
  { scope: 1, name: "first", members: [0, 1] },
  { scope: 2, name: "third", members: [0, 2, 3] },
  { scope: 0, name: null, members: [3] },
];

/** One of a few; the last stands for what does not exist. */
export const anyIndex = fc.nat({ max: 15 });
export const someIndices = fc.array(anyIndex, { maxLength: 8, size: "max" });
export const networkIndex = fc.nat({ max: plans.length });
export const networkState = fc.constantFrom<NetworkState>("active", "inactive", "invalid", "deleted");
export const weight = fc.constantFrom(0, 0.25, 0.5, 1);
/** Indices of {@link World.scopeSets}. */
export const scopeSet = fc.nat({ max: 6 });

let runs = 0;

export class World {
  readonly under: StoreUnderTest;
  readonly model = new Model();
  /** Part of every name, so that runs do not meet. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly submissions: readonly NetworkSubmission[];
  readonly serviceIds: readonly ComputeServiceId[];
  readonly managerIds: readonly ComputeManagerId[];
  now: Instant;
  readonly #tasks = new Map<ScopedKey, ModelTask>();

  constructor(under: StoreUnderTest) {
    runs += 1;
    this.under = under;
    this.prefix = `r${runs}${under.engine === "SQLite" ? "s" : "p"}`;
    this.scopes = [`${this.prefix}-c-p`, `${this.prefix}-c-q`, `${this.prefix}-d-p`] as Scope[];
    this.now = 1_800_000_000_000_000 + runs * 1e12;
    const hexadecimal = (n: number) => (runs * 100 + n).toString(16).padStart(32, "0");
    this.serviceIds = [0, 1, 2].map((n) => `${this.prefix}.service-${hexadecimal(n)}` as ComputeServiceId);
    this.managerIds = [0, 1, 2].map((n) => `${this.prefix}.manager${n % 2}-${hexadecimal(n)}` as ComputeManagerId);
    const known = new Map<string, ModelTransformation>();
    this.submissions = plans.map(({ scope, name, members }) => {
      const whole = sampleNetwork({
        scope: nth(this.scopes, scope),
        transformations: 4,
        protocol: (i) => nth(protocols, i),
        networkName: name,
      });
      const transformations = members.map((i) => nth(whole.transformations, i));
      this.model.networks.push(this.#modelOf({ ...whole, transformations }, known));
      return { ...whole, transformations };
    });
  }

  get store(): StateStore {
    return this.under.store;
  }

  #modelOf(submission: NetworkSubmission, known: Map<string, ModelTransformation>): ModelNetwork {
    const { scope } = submission;
    const keyed = (key: string) => `${key}-${scope}` as ScopedKey;
    const transformations = submission.transformations.map((given) => {
      const key = keyed(given.key);
      const systems = [given.stateA, given.stateB].map((system) => keyed(system ?? ""));
      const made = { key, scope, name: given.name ?? "", protocol: given.protocolQualname, systems };
      known.set(key, known.get(key) ?? made);
      return known.get(key) ?? made;
    });
    const key = keyed(submission.network.key);
    return {
      key,
      // What is not submitted has a hub that nobody knows.
      hub: `TaskHub-${"0".repeat(32)}-${scope}` as ScopedKey,
      scope,
      name: submission.network.name,
      transformations,
      systems: submission.systems.map(({ key: system, name }) => ({ key: keyed(system), name: name ?? "" })),
      state: null,
      weight: 0.5,
      patterns: [],
      strategy: null,
    };
  }

  /** Time goes on with every operation. */
  tick(): void {
    this.now += 10_000_000;
    this.under.setClock(this.now);
  }

  /** Beyond the last network there is one that nobody has submitted. */
  network(i: number): { readonly key: ScopedKey; readonly network: ModelNetwork | null } {
    const network = this.model.networks[i];
    if (network === undefined) return { key: unknownNetwork(nth(this.scopes, 0)), network: null };
    return { key: network.key, network: network.state === null ? null : network };
  }

  task(i: number): { readonly key: ScopedKey; readonly task: ModelTask | null } {
    const { tasks } = this.model;
    if (tasks.length === 0 || i === 15) return { key: unknownTask(nth(this.scopes, 0)), task: null };
    // Mostly those of the last ones, so that all kinds of them are met again.
    const task = nth(tasks, i % tasks.length);
    return { key: task.key, task };
  }

  tasks(indices: readonly number[]): { readonly key: ScopedKey; readonly task: ModelTask | null }[] {
    return indices.map((i) => this.task(i));
  }

  /** Of any network, submitted or not. */
  transformation(i: number): ModelTransformation {
    const all = this.model.networks.flatMap(({ transformations }) => transformations);
    return nth(all, i % all.length);
  }

  created(task: ModelTask): void {
    this.#tasks.set(task.key, task);
  }

  /** Those claimed, which come before the nulls. */
  known(reply: readonly (ScopedKey | null)[]): ModelTask[] {
    const present = reply.filter((key) => key !== null);
    expect(reply.slice(present.length).every((key) => key === null)).toBe(true);
    return present.map((key) => {
      const task = this.#tasks.get(key);
      if (task === undefined) throw new Error(`${key} was never created`);
      return task;
    });
  }

  /** Lists of scopes to ask for: all of this run, one, two, none, one that covers two, the same twice, and a foreign one. */
  scopeSets(i: number): Scope[] {
    const [a, b, c] = [nth(this.scopes, 0), nth(this.scopes, 1), nth(this.scopes, 2)];
    const whole = `${this.prefix}-*-*` as Scope;
    const half = `${this.prefix}-c-*` as Scope;
    return nth([[whole], [a], [b, c], [], [half], [half, a, a], ["elsewhere-c-p" as Scope, c]], i);
  }
}

/** Keys in the order of queries: org, campaign, project, key. */
export function inKeyOrder<T extends { readonly key: ScopedKey; readonly scope: Scope }>(of: readonly T[]): ScopedKey[] {
  const sortable = (row: T) => [...row.scope.split("-"), row.key] as const;
  return [...of]
    .sort((a, b) => {
      const [x, y] = [sortable(a), sortable(b)];
      const differs = x.findIndex((part, i) => part !== y[i]);
      return differs < 0 ? 0 : (x[differs] ?? "") < (y[differs] ?? "") ? -1 : 1;
    })
    .map(({ key }) => key);
}

/** Keys without an order. */
export function sorted(keys: Iterable<string>): string[] {
  return [...keys].sort();
}

export { covers };
