/** What a compute manager is to do next (compute-api §9.1). */
import { type computeRoutes, intersectAll, minimize } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";

export const managerInstruction: Handler<typeof computeRoutes.managerInstruction> = async ({ context, params, body, caller }) => {
  const { scopes = null, protocols = null } = body;
  const instruction = await context.stateStore.managers.instruction(params.manager, {
    // No scopes, or no protocols: no restriction.
    scopes: scopes === null || scopes.length === 0 ? minimize(caller.scopes) : intersectAll(scopes, caller.scopes),
    protocols: protocols === null || protocols.length === 0 ? null : protocols,
    forgiveBefore: (Date.now() - context.limits.forgiveTimeSeconds * 1000) * 1000,
    maxFailures: context.limits.maxFailures,
    failureMemory: context.limits.failuresAcrossRegistrations ? "history" : "registration",
  });
  switch (instruction.kind) {
    case "shutdown":
      return {
        instruction: "SHUTDOWN",
        message: "no compute manager was found with the given manager name and UUID",
      };
    case "skip":
      return { instruction: "SKIP", compute_service_ids: [...instruction.services] };
    case "ok":
      return { instruction: "OK", compute_service_ids: [...instruction.services], num_tasks: instruction.tasks };
  }
};
