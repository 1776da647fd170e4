import { exchange } from "./exchange.ts";

type Api = "user" | "compute";

/** Asks a server for what tests build on; whatever is not answered with 200 is an error. Gives the parsed reply. */
export function asking(server: Readonly<Record<Api, string | null>>, tokens: Readonly<Record<string, string>>) {
  return async <T>(api: Api, method: string, path: string, body?: Buffer | object): Promise<T> => {
    const headers = { authorization: `Bearer ${tokens[api]}`, "content-type": "application/json" };
    const bytes = body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const reply = await exchange(method, `${server[api]}${path}`, headers, bytes);
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${reply.text}`);
    return JSON.parse(reply.text) as T;
  };
}
