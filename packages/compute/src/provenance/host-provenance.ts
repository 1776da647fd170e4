import { execFile } from "node:child_process";
import { arch, cpus, hostname, release, totalmem, type } from "node:os";
import { promisify } from "node:util";

/** The machine that computes. */
export interface HostProvenance {
  readonly name: string;
  readonly system: string;
  readonly memory_bytes: number;
  readonly cpu: { readonly model: string; readonly cores: number };
  readonly gpus: readonly GpuProvenance[];
}

export interface GpuProvenance {
  readonly name: string;
  readonly uuid: string;
  readonly driver: string;
  readonly memory_bytes: number | null;
}

let known: Promise<HostProvenance> | null = null;

/** Asked of the system once. GPUs as `nvidia-smi` tells of them; none where there is no such program. */
export function hostProvenance(): Promise<HostProvenance> {
  known ??= ask();
  return known;
}

async function ask(): Promise<HostProvenance> {
  const processors = cpus();
  return {
    name: hostname(),
    system: `${type()} ${release()} ${arch()}`,
    memory_bytes: totalmem(),
    cpu: { model: processors[0]?.model.trim() ?? "unknown", cores: processors.length },
    gpus: await gpus(),
  };
}

async function gpus(): Promise<GpuProvenance[]> {
  const query = ["--query-gpu=name,uuid,driver_version,memory.total", "--format=csv,noheader,nounits"];
  try {
    const { stdout } = await promisify(execFile)("nvidia-smi", query, { timeout: 10_000 });
    return gpusOf(stdout);
  } catch {
    return [];
  }
}

/** From the lines of `nvidia-smi --query-gpu=name,uuid,driver_version,memory.total --format=csv,noheader,nounits`. */
export function gpusOf(lines: string): GpuProvenance[] {
  return lines
    .split("\n")
    .map((line) => line.split(",").map((field) => field.trim()))
    .filter((fields) => fields.length >= 4)
    .map((fields) => {
      const [memory = "", driver = "", uuid = ""] = fields.slice(-3).reverse();
      const mebibytes = Number(memory);
      return {
        name: fields.slice(0, -3).join(","),
        uuid,
        driver,
        memory_bytes: memory !== "" && Number.isFinite(mebibytes) ? mebibytes * 2 ** 20 : null,
      };
    });
}
