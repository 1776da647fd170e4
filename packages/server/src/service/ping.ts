import type { computeRoutes, userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../transport/handler.ts";

export const userPing: Handler<typeof userRoutes.ping> = async () => ({ api: "AlchemiscaleAPI" });
export const computePing: Handler<typeof computeRoutes.ping> = async () => ({ api: "AlchemiscaleComputeAPI" });

/** A constant: nothing that a client checks is told here. */
export const info: Handler<typeof userRoutes.info> = async () => ({ message: "nothing yet" });
