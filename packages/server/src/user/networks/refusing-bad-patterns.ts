import { InvalidPattern } from "@alchemiscale/statestore";
import { badRequest } from "../../transport/http-error.ts";

/** Runs a query that matches patterns; one that cannot be compiled is the caller's mistake (400). */
export async function refusingBadPatterns<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof InvalidPattern) throw badRequest(error.message);
    throw error;
  }
}
