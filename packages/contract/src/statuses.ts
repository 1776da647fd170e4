/** The words for what a Task, a network or an identity is (state-semantics §2, §5.2). */

export const taskStatuses = ["waiting", "running", "complete", "error", "invalid", "deleted"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** What a user may ask for; the others are set by claims and results only. */
export const userTaskStatuses = ["waiting", "invalid", "deleted"] as const;
export type UserTaskStatus = (typeof userTaskStatuses)[number];

export const networkStates = ["active", "inactive", "invalid", "deleted"] as const;
export type NetworkState = (typeof networkStates)[number];

/** Each API has its own identities; `admin` ones log in to the routes below `/v1/admin/` and nowhere else. */
export const identityTypes = ["user", "compute", "admin"] as const;
export type IdentityType = (typeof identityTypes)[number];

export const strategyModes = ["full", "partial", "disabled"] as const;
export type StrategyMode = (typeof strategyModes)[number];

export const strategyStatuses = ["awake", "dormant", "error"] as const;
export type StrategyStatus = (typeof strategyStatuses)[number];

export const taskScalings = ["linear", "exponential"] as const;
export type TaskScaling = (typeof taskScalings)[number];

/** How the members of a stack of strategies become one proposal: the sum of all, or the first that is not done. */
export const stackCombinations = ["weighted", "sequence"] as const;
export type StackCombination = (typeof stackCombinations)[number];

/** `veto`: adds, and its null wins over all others; `gate`: multiplies instead of adding, and its null wins, too. */
export const stackRoles = ["add", "veto", "gate"] as const;
export type StackRole = (typeof stackRoles)[number];

/** `connected`: a member of a stack is done once results connect all ligands, even if not all of its weights are null. */
export const stackUntils = ["done", "connected"] as const;
export type StackUntil = (typeof stackUntils)[number];

export const computeManagerStatuses = ["OK", "ERROR"] as const;
export type ComputeManagerStatus = (typeof computeManagerStatuses)[number];

export function isTaskStatus(text: string): text is TaskStatus {
  return (taskStatuses as readonly string[]).includes(text);
}

export function isUserTaskStatus(text: string): text is UserTaskStatus {
  return (userTaskStatuses as readonly string[]).includes(text);
}

export function isNetworkState(text: string): text is NetworkState {
  return (networkStates as readonly string[]).includes(text);
}
