import { runQuickstart } from "../quickstart/run-quickstart.ts";

/** `quickstart`: exit code 0 only when every Task is complete and the free energies are right. */
export async function quickstart(options: {
  readonly keep?: boolean;
  readonly seed?: number;
  readonly python?: string;
}): Promise<void> {
  if (!(await runQuickstart(options))) process.exitCode = 1;
}
