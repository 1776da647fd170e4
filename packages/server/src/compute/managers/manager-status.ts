/** What a compute manager says of itself (compute-api §9.1). */
import type { BodyOf, computeRoutes } from "@alchemiscale/contract";
import type { ManagerReport } from "@alchemiscale/statestore";
import type { Handler } from "../../transport/handler.ts";
import { badRequest } from "../../transport/http-error.ts";
import { expireManagers } from "./manager-registrations.ts";

/** Its own record first, then those of managers that have been silent for too long. */
export const managerStatus: Handler<typeof computeRoutes.managerStatus> = async ({ context, params, body }) => {
  const known = await context.stateStore.managers.report(params.manager, managerReport(body));
  await expireManagers(context);
  if (!known) throw badRequest(`No record for ComputeManager: ${params.manager}`);
  return params.manager;
};

/**
 * OK comes with a saturation in [0, 1] and no detail, ERROR with a detail and no saturation.
 * @throws {HttpError} 400 with the texts that clients know
 */
function managerReport({ status, detail = null, saturation = null }: BodyOf<typeof computeRoutes.managerStatus>): ManagerReport {
  if (status === "OK") {
    if (saturation === null) throw badRequest("saturation is required for the 'OK' status");
    if (detail !== null && detail !== "") throw badRequest("detail should only be provided for the 'ERROR' status");
    // False for NaN too.
    if (!(saturation >= 0 && saturation <= 1)) throw badRequest("saturation must be between 0 and 1");
    return { status, saturation };
  }
  if (status !== "ERROR") throw badRequest(`"${status}" is not a valid ComputeManagerStatus`);
  if (saturation !== null) throw badRequest("saturation should only be provided for the 'OK' status");
  if (detail === null || detail === "") throw badRequest("detail is required for the 'ERROR' status");
  return { status, detail };
}
