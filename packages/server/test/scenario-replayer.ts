/** Replays a recorded scenario against a server and compares every reply. */
import type { IncomingHttpHeaders } from "node:http";
import { gzipSync } from "node:zlib";
import { isJsonObject, type Json, parseJson } from "@alchemiscale/gufe";
import { type Reply, type Scenario, type Step, scenarioFile } from "../../../scripts/recorded-scenarios/scenario.ts";
import { exchange, type Received } from "./exchange.ts";
import { differenceOf, short, Variables } from "./reply-comparison.ts";

export interface StepOutcome {
  readonly step: Step;
  readonly status: number;
  /** Null, or what is wrong with the reply. */
  readonly wrong: string | null;
}

export class ScenarioReplayer {
  readonly #addresses: { readonly user: string; readonly compute: string };
  readonly #scenario: Scenario;
  readonly #variables = new Variables();
  readonly #tokens = new Map<string, string>();

  constructor(scenario: Scenario, addresses: { readonly user: string; readonly compute: string }) {
    this.#scenario = scenario;
    this.#addresses = addresses;
  }

  async run(): Promise<StepOutcome[]> {
    const outcomes: StepOutcome[] = [];
    for (const step of this.#scenario.steps) {
      const received = await this.#send(step);
      outcomes.push({ step, status: received.status, wrong: this.#fault(step, received) });
    }
    return outcomes;
  }

  async #send(step: Step): Promise<Received> {
    const { request } = step;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...this.#scenario.headers, ...request.headers })) {
      if (value !== null) headers[name] = this.#variables.fill(value);
    }
    let body = this.#body(step);
    if (request.gzip === true && body !== null) {
      body = gzipSync(body, { level: 5 });
      headers["content-encoding"] = "gzip";
    }
    if (request.as !== undefined) headers.authorization = `Bearer ${await this.#token(step.api, request.as)}`;
    const query = request.query === undefined ? "" : `?${this.#variables.fill(request.query)}`;
    return await exchange(
      request.method,
      `${this.#addresses[step.api]}${this.#variables.fill(request.path)}${query}`,
      headers,
      body,
    );
  }

  #body({ request }: Step): Buffer | null {
    if ("body" in request) return Buffer.from(this.#variables.fill(JSON.stringify(request.body)));
    if (request.text !== undefined) return surrogatePass(this.#variables.fill(request.text));
    if (request.file !== undefined) return scenarioFile(request.file);
    if (request.base64 !== undefined) return Buffer.from(request.base64, "base64");
    return null;
  }

  async #token(api: "user" | "compute", who: string): Promise<string> {
    const known = this.#tokens.get(`${api} ${who}`);
    if (known !== undefined) return known;
    const identity = this.#scenario.identities.find(({ name }) => name === who);
    const form = new URLSearchParams({ username: identity?.identifier ?? "", password: identity?.key ?? "" });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { status, text } = await exchange("POST", `${this.#addresses[api]}/token`, headers, Buffer.from(form.toString()));
    if (status !== 200) throw new Error(`no token for ${who}: ${status} ${text}`);
    const token = (JSON.parse(text) as { access_token: string }).access_token;
    this.#tokens.set(`${api} ${who}`, token);
    return token;
  }

  #fault(step: Step, received: Received): string | null {
    const want = step.better ?? step.reply;
    if (received.status !== want.status) return `status ${received.status}, want ${want.status}: ${received.text.slice(0, 300)}`;
    const wrongHeader = headerFault(want, received.headers);
    if (wrongHeader !== null) return wrongHeader;
    if (want.match === "status" || step.request.method === "HEAD") return null;
    let got: Json;
    try {
      got = parseJson(received.text);
    } catch {
      return `not JSON: ${received.text.slice(0, 300)}`;
    }
    if (want.match === "detail") return this.#detailFault(want, got);
    const expected =
      want.file !== undefined ? scenarioFile(want.file).toString("utf8") : (want.text ?? JSON.stringify(want.body));
    return differenceOf(parseJson(expected), got, want, this.#variables);
  }

  #detailFault(want: Reply, got: Json): string | null {
    const detail = isJsonObject(got) ? got.get("detail") : undefined;
    if (detail === undefined) return `no detail: ${short(got)}`;
    const text = typeof detail === "string" ? detail : short(detail);
    const lacking = (want.contains ?? []).find((part) => !text.includes(this.#variables.fill(part)));
    return lacking === undefined ? null : `the detail lacks ${JSON.stringify(lacking)}: ${text}`;
  }
}

function headerFault(want: Reply, got: IncomingHttpHeaders): string | null {
  for (const [name, value] of Object.entries(want.headers ?? {})) {
    let header = (got[name] as string | undefined) ?? null;
    if (name === "content-type") header = header?.split(";")[0]?.trim().toLowerCase() ?? null;
    if (header !== value) return `header ${name}: ${JSON.stringify(header)}, want ${JSON.stringify(value)}`;
  }
  return null;
}

/** UTF-8 in which lone surrogates keep their three bytes, which is how the recorded requests were sent. */
function surrogatePass(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = [...text].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd800 || code > 0xdfff) return Buffer.from(character);
    return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
  });
  return Buffer.concat(parts);
}
