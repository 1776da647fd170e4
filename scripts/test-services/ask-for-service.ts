import type { ServiceAnswer } from "./test-service.ts";

/**
 * Asks for a service from a test process. Where this machine cannot have it: undefined, so that the tests skip themselves (the reason has been
 * printed), or, with CI=true, an error, because there nothing may be skipped.
 */
export const askForService = async (name: "postgresql" | "s3"): Promise<Extract<ServiceAnswer, { url: string }> | undefined> => {
  const services = process.env.ALCHEMISCALE_TEST_SERVICES;
  if (services === undefined)
    throw new Error("ALCHEMISCALE_TEST_SERVICES is not set: run this through vitest with the project's configuration");
  const answer = (await (await fetch(`${services}/${name}`)).json()) as ServiceAnswer;
  if ("url" in answer) return answer;
  if (process.env.CI === "true") throw new Error(`${name} is needed with CI=true: ${answer.absent}`);
  return undefined;
};
