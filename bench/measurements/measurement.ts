import type { Section } from "../figures.ts";
import type { LoadGenerator } from "../load/load-generator.ts";
import type { MeasuredSystem } from "../servers/measured-system.ts";
import type { StateStores } from "../servers/state-stores.ts";

/** What a measurement works with. */
export interface Surroundings {
  readonly stores: StateStores;
  readonly load: LoadGenerator;
  /** A server on fresh stores. */
  startSystem(): Promise<MeasuredSystem>;
  /** Less of everything: to see that it runs, not to know a figure. */
  readonly quick: boolean;
  /** Progress, for people. */
  say(text: string): void;
}

export interface Measurement {
  /** For --only. */
  readonly name: string;
  readonly run: (surroundings: Surroundings) => Promise<Section>;
}
