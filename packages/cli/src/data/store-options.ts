/** Settings of the Python server's command line that are read from the environment here. */
import type { AnalysisPythonOptions } from "../python/analysis-python.ts";
import type { StoreUrlOptions } from "./store-urls.ts";

export interface StoreOptions extends StoreUrlOptions {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
}

export interface ServingOptions extends StoreOptions, AnalysisPythonOptions {
  readonly jwtSecret?: string;
  readonly jwtExpireSeconds?: number;
  readonly jwtAlgorithm?: string;
}

const variables = {
  accessKeyId: "AWS_ACCESS_KEY_ID",
  secretAccessKey: "AWS_SECRET_ACCESS_KEY",
  sessionToken: "AWS_SESSION_TOKEN",
  jwtSecret: "JWT_SECRET_KEY",
  jwtExpireSeconds: "JWT_EXPIRE_SECONDS",
  jwtAlgorithm: "JWT_ALGORITHM",
  analysisPython: "ALCHEMISCALE_ANALYSIS_PYTHON",
} as const satisfies Partial<Record<keyof ServingOptions, string>>;

/** An option goes before a variable: it takes its place, for this process and its children. */
export function applyToEnvironment(options: ServingOptions): void {
  for (const [option, variable] of Object.entries(variables) as [keyof typeof variables, string][]) {
    const value = options[option];
    if (value === undefined) continue;
    for (const name of Object.keys(process.env)) {
      if (name.toLowerCase() === variable.toLowerCase()) delete process.env[name];
    }
    process.env[variable] = String(value);
  }
}
