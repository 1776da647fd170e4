/** Every route of the compute API and who answers it. */
import type { computeRoutes } from "@alchemiscale/contract";
import { check } from "../service/check.ts";
import { computeScopes } from "../service/identity-scopes.ts";
import { computePing, info } from "../service/ping.ts";
import { token } from "../service/token.ts";
import type { Handlers } from "../transport/handler.ts";
import { waitingClaim } from "../v1/claims/waiting-claim.ts";
import { docsFile, docsPage } from "../v1/documentation/docs-page.ts";
import { computeOpenApi } from "../v1/documentation/open-api.ts";
import { postKeptFile, postProvenance } from "../v1/results/result-companions.ts";
import { claimNews } from "../v1/services/claim-news.ts";
import { releaseClaims } from "../v1/services/release-claims.ts";
import { claim, claimHubTasks } from "./claims.ts";
import { deregisterService, heartbeat, registerService } from "./compute-services.ts";
import { managerInstruction } from "./managers/manager-instruction.ts";
import { clearManagerError, deregisterManager, registerManager } from "./managers/manager-registrations.ts";
import { managerStatus } from "./managers/manager-status.ts";
import { postResult } from "./post-result.ts";
import { reportTaskFailure } from "./task-failure.ts";
import { queryTaskHubs } from "./task-hubs.ts";
import { taskTransformation, taskTransformationContent } from "./task-transformation.ts";

export const computeHandlers: Handlers<typeof computeRoutes> = {
  ping: computePing,
  token,
  info,
  check,
  identityScopes: computeScopes,
  registerService,
  deregisterService,
  heartbeat,
  queryTaskHubs,
  claimHubTasks,
  claim,
  taskTransformation,
  taskTransformationContent,
  postResult,
  reportTaskFailure,
  registerManager,
  deregisterManager,
  managerInstruction,
  managerStatus,
  clearManagerError,
  waitingClaim,
  claimNews,
  releaseClaims,
  postProvenance,
  postKeptFile,
  openApi: computeOpenApi,
  docsPage,
  docsFile,
};
