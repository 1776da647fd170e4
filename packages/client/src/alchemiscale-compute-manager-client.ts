import {
  type ComputeManagerId,
  type ComputeServiceId,
  InvalidComputeId,
  parseComputeServiceId,
  type Scope,
  scopeParts,
} from "@alchemiscale/contract";
import { ApiClient } from "./api-client.ts";
import type { CallOptions } from "./api-connection.ts";
import { asObject, listOf } from "./reply-shapes.ts";
import { WireCalls } from "./wire-calls.ts";

/** What the server wants a compute manager to do. `services`: those that belong to it. */
export type ComputeManagerInstruction =
  /** `tasks`: so many can be claimed in the manager's scopes now. */
  | { readonly instruction: "OK"; readonly services: readonly ComputeServiceId[]; readonly tasks: number }
  /** A service of its own failed too often of late: start none this time. */
  | { readonly instruction: "SKIP"; readonly services: readonly ComputeServiceId[] }
  /** Its registration is gone: stop. */
  | { readonly instruction: "SHUTDOWN"; readonly message: string };

/** How a compute manager is. */
export type ComputeManagerReport =
  /** `saturation` in [0, 1]: how many of the services that it may start it has. */
  | { readonly status: "OK"; readonly saturation: number }
  /** `detail`, not empty: for the people who look after it. */
  | { readonly status: "ERROR"; readonly detail: string };

/**
 * A compute manager's client: `url` is that of the compute API, the identity a compute one. Servers know managers since 0.7.0.
 * Every method throws {@link ApiError} (422: no id of a manager), {@link ConnectionError} or {@link LoginRefused}. Routes: compute-api §3.5.
 *
 * {@includeCode ../../../examples/client/compute-manager.ts}
 */
export class AlchemiscaleComputeManagerClient extends ApiClient {
  readonly #calls = new WireCalls(this.connection);

  /**
   * `steal`: takes the place of one with the same name, unless that is in error (ignored by servers before 0.7.2).
   * A name that is taken: `ApiError` 422.
   */
  async register(
    manager: ComputeManagerId,
    { steal = false, ...options }: CallOptions & { readonly steal?: boolean } = {},
  ): Promise<void> {
    await this.#calls.tell(`/computemanager/${manager}/register`, { steal }, options);
  }

  /** One in error stays registered, so that somebody looks at it; see {@link clearError}. */
  async deregister(manager: ComputeManagerId, options: CallOptions = {}): Promise<void> {
    await this.#calls.tell(`/computemanager/${manager}/deregister`, {}, options);
  }

  /** `scopes` and `protocols` (class names): those that its services claim in; none: all. */
  getInstruction(
    manager: ComputeManagerId,
    options: CallOptions & { readonly scopes?: readonly Scope[]; readonly protocols?: readonly string[] } = {},
  ): Promise<ComputeManagerInstruction> {
    const { scopes = [], protocols = [] } = options;
    const body = { scopes: scopes.map(scopeParts), protocols };
    return this.#calls.post(`/computemanager/${manager}/instruction`, body, options, "an instruction", readInstruction);
  }

  /** Reports how it is; OK ends an error. A manager that is not registered, and a saturation outside [0, 1]: `ApiError` 400. */
  async updateStatus(manager: ComputeManagerId, report: ComputeManagerReport, options: CallOptions = {}): Promise<void> {
    const { detail, saturation } = { detail: null, saturation: null, ...report };
    await this.#calls.tell(`/computemanager/${manager}/status`, { detail, saturation, status: report.status }, options);
  }

  /** Removes the registration of a manager that is in error; by its bare name. None of that name in error: `ApiError` 422. */
  async clearError(name: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.tell(`/computemanager/${encodeURIComponent(name)}/clear_error`, {}, options);
  }
}

function readInstruction(value: unknown): ComputeManagerInstruction | undefined {
  const reply = asObject(value);
  const services = listOf(reply?.compute_service_ids, asComputeServiceId);
  const { instruction, num_tasks: tasks, message } = reply ?? {};
  if (instruction === "OK" && services !== undefined && typeof tasks === "number") return { instruction, services, tasks };
  if (instruction === "SKIP" && services !== undefined) return { instruction, services };
  if (instruction === "SHUTDOWN" && typeof message === "string") return { instruction, message };
  return undefined;
}

function asComputeServiceId(value: unknown): ComputeServiceId | undefined {
  if (typeof value !== "string") return undefined;
  try {
    return parseComputeServiceId(value);
  } catch (error) {
    if (error instanceof InvalidComputeId) return undefined;
    throw error;
  }
}
