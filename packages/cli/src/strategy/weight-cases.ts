import { InvalidInput } from "@alchemiscale/analysis";
import { type TaskScaling, taskScalings } from "@alchemiscale/contract";
import { InvalidWeight, resolveWeights, taskCount } from "@alchemiscale/strategist";
import { listAt, numberAt, objectAt, wholeCase } from "../analysis/table-cases.ts";

/** `{"weights": {…}}`, raw, as shares of their sum. @throws {InvalidInput} */
export function resolvedOf(value: unknown): { readonly resolved: Readonly<Record<string, number | null>> } {
  const weights = objectAt(objectAt(value, wholeCase).weights, "weights");
  const given = Object.entries(weights).map(([key, weight]) => [key, weightAt(weight, `weights.${key}`)] as const);
  try {
    return { resolved: Object.fromEntries(resolveWeights(new Map(given))) };
  } catch (error) {
    if (error instanceof InvalidWeight) throw new InvalidInput("weights", `cannot be used: ${error.message}`);
    throw error;
  }
}

/** `{"weights": […], "max_tasks": …, "scaling": …}`, shares, as counts of Tasks. @throws {InvalidInput} */
export function countsOf(value: unknown): { readonly counts: readonly number[] } {
  const fields = objectAt(value, wholeCase);
  const most = numberAt(fields.max_tasks, "max_tasks");
  if (!Number.isInteger(most) || most < 1) throw new InvalidInput("max_tasks", `is ${most}; it must be a whole number from 1`);
  const { scaling } = fields;
  if (!isScaling(scaling)) throw new InvalidInput("scaling", `must be one of ${taskScalings.join(", ")}`);
  return { counts: listAt(fields, "weights").map((weight, i) => taskCount(weightAt(weight, `weights[${i}]`), most, scaling)) };
}

function isScaling(value: unknown): value is TaskScaling {
  return typeof value === "string" && (taskScalings as readonly string[]).includes(value);
}

function weightAt(value: unknown, field: string): number | null {
  return value === null ? null : numberAt(value, field);
}
