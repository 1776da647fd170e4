/** When failures speak against the host and not against the Tasks: a pure function of what happened lately. */

/** How a Task ended here. */
export interface Ending {
  readonly ok: boolean;
  /** Class and message of the exception; null where it is ok, or nobody knows. */
  readonly exception: string | null;
  /** From the start of its first unit until the failure. */
  readonly seconds: number;
  /** Key of its Transformation. */
  readonly transformation: string;
}

export interface FailingEnvironment {
  readonly failures: number;
  /** The exception of the last one. */
  readonly exception: string;
}

/** A failure within so many seconds is one at once. */
const atOnceSeconds = 120;

/** Exceptions that say of themselves that the host or its environment lacks something. */
const ofTheHost: readonly RegExp[] = [
  /^(\w+\.)*(ModuleNotFoundError|ImportError|MemoryError|PermissionError|EnvironmentUnusable)\b/,
  /\b(No module named|cannot import name|cannot open shared object file|undefined symbol)\b/i,
  /\bCUDA_ERROR_\w+|CUDA error|no CUDA[- ]capable device|no CUDA GPUs|CUDA driver version is insufficient/i,
  /There is no registered Platform called|No compatible (CUDA|OpenCL) device|Platform .* is not available/i,
  /No space left on device|Read-only file system|Disk quota exceeded|Too many open files|Cannot allocate memory/i,
];

/**
 * Judges the endings so far, oldest first: the last `limit` of them failed at once, one after another, for the same reason, and the reason
 * is one of the host's own. A reason that may as well be the Tasks' counts only when at least two Transformations met it and twice as many Tasks failed.
 * @param limit 0: never
 */
export function judgeFailures(endings: readonly Ending[], limit: number): FailingEnvironment | null {
  if (limit === 0) return null;
  const last = endings.at(-1);
  if (last === undefined || last.ok || last.exception === null) return null;
  const reason = reasonOf(last.exception);
  const row: Ending[] = [];
  for (const ending of [...endings].reverse()) {
    if (ending.ok || ending.exception === null || ending.seconds > atOnceSeconds || reasonOf(ending.exception) !== reason) break;
    row.push(ending);
  }
  const exception = last.exception;
  const own = ofTheHost.some((pattern) => pattern.test(exception));
  const transformations = new Set(row.map(({ transformation }) => transformation)).size;
  const enough = own ? row.length >= limit : row.length >= 2 * limit && transformations >= 2;
  return enough ? { failures: row.length, exception } : null;
}

/** So many endings are enough to judge by. */
export function endingsNeeded(limit: number): number {
  return 2 * limit;
}

/** The exception without what differs from Task to Task: numbers, addresses, keys, paths. */
function reasonOf(exception: string): string {
  return exception
    .replace(/0x[0-9a-f]+/gi, "#")
    .replace(/\/\S+/g, "/…")
    .replace(/[0-9a-f]{8,}/gi, "#")
    .replace(/\d+/g, "#")
    .slice(0, 300);
}
