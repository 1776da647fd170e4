/** A client of a server under test: tokens of one user and one compute identity, both with all scopes. */

import { readScenario, scenarioFile } from "../../../scripts/recorded-scenarios/scenario.ts";
import type { ServerLimits } from "../src/index.ts";
import { exchange, type Received } from "./exchange.ts";
import { ServerProcess } from "./server-process.ts";

const identities = [
  { type: "user", identifier: "alice", key: "alice's key", scopes: ["*-*-*"] },
  { type: "compute", identifier: "worker", key: "worker's key", scopes: ["*-*-*"] },
] as const;

export class Session {
  readonly server: ServerProcess;
  readonly #tokens: { readonly user: string; readonly compute: string };

  private constructor(server: ServerProcess, tokens: { user: string; compute: string }) {
    this.server = server;
    this.#tokens = tokens;
  }

  static async open(limits: Partial<ServerLimits> = {}): Promise<Session> {
    const server = await ServerProcess.start({ identities, limits });
    const [user, compute] = await Promise.all(
      identities.map(({ type, identifier, key }) => login(server[type], identifier, key)),
    ).catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    return new Session(server, { user: user ?? "", compute: compute ?? "" });
  }

  authorization(api: "user" | "compute"): Record<string, string> {
    return { authorization: `Bearer ${this.#tokens[api]}` };
  }

  get(api: "user" | "compute", path: string, headers: Record<string, string> = {}): Promise<Received> {
    return exchange("GET", `${this.server[api]}${path}`, { ...this.authorization(api), ...headers }, null);
  }

  post(api: "user" | "compute", path: string, body: Buffer | unknown, headers: Record<string, string> = {}): Promise<Received> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    return exchange(
      "POST",
      `${this.server[api]}${path}`,
      { ...this.authorization(api), "content-type": "application/json", ...headers },
      bytes,
    );
  }

  /** A task on a transformation of a small network. */
  async task(): Promise<string> {
    const network = await this.post("user", "/networks", smallNetwork());
    if (network.status !== 200) throw new Error(network.text);
    const [transformation] = JSON.parse((await this.get("user", "/transformations")).text) as string[];
    const created = await this.post("user", `/transformations/${transformation}/tasks`, { count: 1 });
    return (JSON.parse(created.text) as [string])[0];
  }
}

/** The body of a submission, as a Python client sent it. */
export function smallNetwork(): Buffer {
  const step = readScenario("07-results").steps.find(({ request }) => request.path === "/networks");
  return scenarioFile(step?.request.file ?? "");
}

export async function login(address: string, identifier: string, key: string): Promise<string> {
  const form = new URLSearchParams({ username: identifier, password: key }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { status, text } = await exchange("POST", `${address}/token`, headers, Buffer.from(form));
  if (status !== 200) throw new Error(`no token for ${identifier}: ${status} ${text}`);
  return (JSON.parse(text) as { access_token: string }).access_token;
}
