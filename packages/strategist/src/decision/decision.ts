/** What a strategy decided at one time for one network, and why: what is stored of an iteration, in plain JSON. */
export interface Decision {
  /** `dormant`: all weights are null. */
  readonly outcome: "awake" | "dormant";
  /** Normalised over the network, by key of the Transformation; null: never again. Before blocking. */
  readonly weights: Readonly<Record<string, number | null>>;
  /** Tasks that should be actioned at the same time, by key of the Transformation. Transformations without a weight are left as they are. */
  readonly targets: Readonly<Record<string, number>>;
  /** New Tasks to create and action. */
  readonly create: readonly { readonly transformation: string; readonly count: number }[];
  /** Tasks that exist, and are to be actioned. */
  readonly action: readonly TaskOfTransformation[];
  /** Tasks whose action on this network is to be removed; their status stays. */
  readonly cancel: readonly TaskOfTransformation[];
  /** Transformations that would have a target, but have a Task in error. They can disconnect the network: show them. */
  readonly blocked: readonly string[];
  /** Sentences for people. */
  readonly why: readonly string[];
}

export interface TaskOfTransformation {
  readonly transformation: string;
  readonly task: string;
}

/** The Tasks of one Transformation, oldest first. */
export interface TransformationTasks {
  /** On this network's hub, whatever their status. */
  readonly actioned: readonly { readonly task: string; readonly status: string }[];
  /** Not on this network's hub, in status running or waiting. */
  readonly free: readonly { readonly task: string; readonly status: "running" | "waiting" }[];
  /** Some Task of it, on any hub or none, is in status error. */
  readonly hasError: boolean;
}
