/** The Transformations whose estimates Python makes, one after another, while the server goes on with all others. */
import type { GatheredEstimate } from "@alchemiscale/analysis";
import type { StaleTransformation } from "@alchemiscale/statestore";
import { type Gatherer, type GatherStores, gatherTransformation } from "./gather-transformation.ts";

export interface PythonEstimatesOptions {
  readonly stores: GatherStores;
  readonly gatherer: Gatherer;
  readonly signal: AbortSignal;
  /** What is stored then. */
  readonly write: (transformation: StaleTransformation, gathered: GatheredEstimate) => Promise<void>;
  /** Whether an error is that of a store, which does not count against the Transformation. */
  readonly isOutOfReach: (error: unknown) => boolean;
}

interface Waiting {
  readonly transformation: StaleTransformation;
  readonly resultKeys: readonly string[];
}

export class PythonEstimates {
  readonly #options: PythonEstimatesOptions;
  readonly #waiting = new Map<number, Waiting>();
  #running: Promise<void> | undefined;

  constructor(options: PythonEstimatesOptions) {
    this.#options = options;
  }

  /** How many there are, the one that is being made included. */
  get size(): number {
    return this.#waiting.size;
  }

  has(id: number): boolean {
    return this.#waiting.has(id);
  }

  /** What cannot be had now is forgotten: the state store knows that it is to be done. */
  add(transformation: StaleTransformation, resultKeys: readonly string[]): void {
    this.#waiting.set(transformation.id, { transformation, resultKeys });
    this.#running ??= this.#run();
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (const [id, waiting] of this.#waiting) {
      if (this.#options.signal.aborted) break;
      try {
        await this.#options.write(waiting.transformation, await this.#gather(waiting));
      } catch {
        // A store is away, or the server ends.
      } finally {
        this.#waiting.delete(id);
      }
    }
    // Not a moment later: what is added from now on has to begin anew.
    this.#running = undefined;
  }

  async #gather({ transformation: { transformation, protocol }, resultKeys }: Waiting): Promise<GatheredEstimate> {
    const { stores, gatherer, signal, isOutOfReach } = this.#options;
    if (protocol === null) return { error: "its Protocol is not known here" };
    try {
      const only = new Set(resultKeys);
      const found = await gatherTransformation(stores, gatherer, { transformation, protocol, only }, signal);
      if (found === null) return { error: "its results are gone" };
      const { estimate, uncertainty, problems } = found.gathered;
      return { estimate, uncertainty, problems, resultKeys: found.resultKeys };
    } catch (error) {
      if (signal.aborted || isOutOfReach(error)) throw error;
      return { error: `Python does not know either: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
}
