import type { Figures } from "./figures-of-a-side.ts";

/**
 * Of the Python server 0.8.0 (Neo4j 5.26, two workers an API), measured once on a machine with two cores: what ours is compared with where there is no Python server.
 * Start-up was not among them.
 */
export const publishedFigures: Figures = {
  submitNetwork: 4.1,
  retrieveNetwork: 3.7,
  createTasks: 18,
  actionTasks: 68,
  prioritizeTasks: 40,
  claimsBy1: 3.5,
  claimsBy8: 3.5,
  claimsBy32: 3.5,
  claimsBy32P99: 13_000,
  putResult: 10.7,
  getResult: 5.3,
  smallNetworks: 12,
  memoryAtWork: 1.9 * 1024,
};
