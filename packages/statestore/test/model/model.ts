/**
 * What a state store holds, small and slow, written from the rules (state-semantics) and not from any store: what the stores are compared with. Plain
 * data here; what may be done with it is in the other files of this folder, one a domain.
 */
import type {
  ComputeManagerId,
  ComputeManagerStatus,
  ComputeServiceId,
  IdentityType,
  NetworkState,
  Scope,
  ScopedKey,
  TaskStatus,
} from "@alchemiscale/contract";
import type { Instant, StrategyState } from "../../src/index.ts";

export interface ModelTransformation {
  readonly key: ScopedKey;
  readonly scope: Scope;
  readonly name: string;
  readonly protocol: string;
  readonly systems: readonly ScopedKey[];
}

export interface ModelPattern {
  readonly pattern: string;
  maxRetries: number;
  /** Of each Task that it applies to: how often it was tried again. */
  readonly counters: Map<ModelTask, number>;
}

export interface ModelNetwork {
  readonly key: ScopedKey;
  readonly hub: ScopedKey;
  readonly scope: Scope;
  readonly name: string | null;
  readonly transformations: readonly ModelTransformation[];
  readonly systems: readonly { readonly key: ScopedKey; readonly name: string }[];
  /** Null until it is submitted. */
  state: NetworkState | null;
  weight: number;
  /** In the order in which they were added. */
  patterns: ModelPattern[];
  strategy: { readonly key: ScopedKey; state: StrategyState } | null;
}

export interface ModelResult {
  readonly ref: ScopedKey;
  readonly resultKey: string;
  readonly ok: boolean;
  readonly location: string;
  readonly created: string;
  readonly creator: string;
  readonly tracebacks: readonly { readonly sourceKey: string; readonly failureKey: string; readonly traceback: string }[];
}

/** A failure without a result. */
export interface ModelFailure {
  readonly at: Instant;
  readonly service: string;
  readonly exception: string;
  readonly traceback: string;
}

export interface ModelTask {
  readonly key: ScopedKey;
  readonly transformation: ModelTransformation;
  readonly extends: ModelTask | null;
  status: TaskStatus;
  priority: bigint;
  claim: ModelService | null;
  /** Where it is actioned, and its weight there. */
  readonly hubs: Map<ModelNetwork, number>;
  readonly results: ModelResult[];
  readonly failures: ModelFailure[];
}

export interface ModelService {
  readonly id: ComputeServiceId;
  registered: Instant;
  heartbeat: Instant;
  managerName: string | null;
  manager: ModelManager | null;
  sentManagerKey: boolean;
  sentScopesExclude: boolean | null;
  failures: Instant[];
}

export interface ModelManager {
  readonly id: ComputeManagerId;
  readonly name: string;
  status: ComputeManagerStatus;
  detail: string | null;
  saturation: number | null;
  readonly registered: Instant;
  updated: Instant;
}

export interface ModelIdentity {
  readonly type: IdentityType;
  readonly identifier: string;
  hashedKey: string;
  disabled: boolean;
  expires: Instant | null;
  scopes: Scope[];
}

export class Model {
  readonly networks: ModelNetwork[] = [];
  readonly tasks: ModelTask[] = [];
  /** In the order in which they registered. */
  services: ModelService[] = [];
  managers: ModelManager[] = [];
  identities: ModelIdentity[] = [];

  get submitted(): ModelNetwork[] {
    return this.networks.filter((network) => network.state !== null);
  }

  /** Those of submitted networks, each once. */
  get transformations(): ModelTransformation[] {
    return [...new Map(this.submitted.flatMap((network) => network.transformations.map((t) => [t.key, t]))).values()];
  }

  service(id: string): ModelService | undefined {
    return this.services.find((service) => service.id === id);
  }
}

/** §1: every component of the wider scope is that of the other, or a star. */
export function covers(wider: Scope, scope: Scope): boolean {
  const parts = scope.split("-");
  return wider.split("-").every((part, i) => part === "*" || part === parts[i]);
}

export function inScopes(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.some((wider) => covers(wider, scope));
}
