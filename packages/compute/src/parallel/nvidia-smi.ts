/** What nvidia-smi says of the GPUs of this host. */
import { execFile } from "node:child_process";

export interface GpuStatus {
  readonly index: string;
  readonly uuid: string;
  /** Percent; null where it is not told (parts of a GPU). */
  readonly utilization: number | null;
  /** Part of the memory that is used, 0 to 1; null likewise. */
  readonly memory: number | null;
}

const query = "--query-gpu=index,uuid,utilization.gpu,memory.used,memory.total";
const timeoutMs = 10_000;

/** Null where there is no nvidia-smi, or it does not answer. */
export function readGpus(signal?: AbortSignal): Promise<GpuStatus[] | null> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) };
    execFile("nvidia-smi", [query, "--format=csv,noheader,nounits"], options, (error, stdout) =>
      resolve(error === null ? parseGpuStatus(stdout) : null),
    );
  });
}

/** Lines such as `0, GPU-5f…, 87, 10240, 81559`; `[N/A]` where a value is not known. */
export function parseGpuStatus(csv: string): GpuStatus[] {
  return csv
    .split("\n")
    .map((line) => line.split(",").map((cell) => cell.trim()))
    .filter((cells) => cells.length === 5)
    .map(([index = "", uuid = "", utilization = "", used = "", total = ""]) => ({
      index,
      uuid,
      utilization: numberOf(utilization),
      memory: ratio(numberOf(used), numberOf(total)),
    }));
}

function numberOf(cell: string): number | null {
  return /^[0-9]+(\.[0-9]+)?$/.test(cell) ? Number(cell) : null;
}

function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}
