/** Every route of the two APIs. */
import type { Route } from "../route.ts";
import { adminIdentityRoutes } from "./admin-identities.ts";
import { adminServiceRoutes } from "./admin-services.ts";
import { computeManagerRoutes } from "./compute-managers.ts";
import { computeServiceRoutes } from "./compute-services.ts";
import { computeTaskRoutes } from "./compute-tasks.ts";
import { userNetworkRoutes } from "./user-networks.ts";
import { userRestartRoutes } from "./user-restarts.ts";
import { userServiceRoutes } from "./user-service.ts";
import { userStrategyRoutes } from "./user-strategies.ts";
import { userTaskRoutes } from "./user-tasks.ts";
import { v1ClaimRoutes } from "./v1-claims.ts";
import { computeV1DocumentationRoutes, userV1DocumentationRoutes } from "./v1-documentation.ts";
import { v1EstimateRoutes } from "./v1-estimates.ts";
import { v1EventRoutes } from "./v1-events.ts";
import { computeResultCompanionRoutes, userResultCompanionRoutes } from "./v1-result-companions.ts";
import { v1ResultRoutes } from "./v1-results.ts";
import { v1ServiceClaimRoutes } from "./v1-service-claims.ts";
import { v1StrategyRoutes } from "./v1-strategies.ts";

/** On the port of the user API; part of {@link userRoutes}. */
export const adminRoutes = {
  ...adminIdentityRoutes,
  ...adminServiceRoutes,
} as const satisfies Record<string, Route>;

export const userRoutes = {
  ...userServiceRoutes,
  ...userNetworkRoutes,
  ...userTaskRoutes,
  ...userRestartRoutes,
  ...userStrategyRoutes,
  ...v1ResultRoutes,
  ...userResultCompanionRoutes,
  ...v1EstimateRoutes,
  ...v1EventRoutes,
  ...v1StrategyRoutes,
  ...userV1DocumentationRoutes,
  ...adminRoutes,
} as const satisfies Record<string, Route>;

export const computeRoutes = {
  ...computeServiceRoutes,
  ...computeTaskRoutes,
  ...computeManagerRoutes,
  ...v1ClaimRoutes,
  ...v1ServiceClaimRoutes,
  ...computeResultCompanionRoutes,
  ...computeV1DocumentationRoutes,
} as const satisfies Record<string, Route>;
