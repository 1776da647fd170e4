/** Every route of the two APIs. */
import type { Route } from "../route.ts";
import { computeManagerRoutes } from "./compute-managers.ts";
import { computeServiceRoutes } from "./compute-services.ts";
import { computeTaskRoutes } from "./compute-tasks.ts";
import { userNetworkRoutes } from "./user-networks.ts";
import { userRestartRoutes } from "./user-restarts.ts";
import { userServiceRoutes } from "./user-service.ts";
import { userStrategyRoutes } from "./user-strategies.ts";
import { userTaskRoutes } from "./user-tasks.ts";

export const userRoutes = {
  ...userServiceRoutes,
  ...userNetworkRoutes,
  ...userTaskRoutes,
  ...userRestartRoutes,
  ...userStrategyRoutes,
} as const satisfies Record<string, Route>;

export const computeRoutes = {
  ...computeServiceRoutes,
  ...computeTaskRoutes,
  ...computeManagerRoutes,
} as const satisfies Record<string, Route>;
