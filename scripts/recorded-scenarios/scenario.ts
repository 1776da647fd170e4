/** The format of a recorded conversation with the Python server; the README beside the files says what each part means. */
import { readFileSync } from "node:fs";

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly identities: readonly {
    readonly name: string;
    readonly type: "user" | "compute";
    readonly identifier: string;
    readonly key: string;
    readonly scopes: readonly string[];
  }[];
  readonly steps: readonly Step[];
}

export interface Step {
  readonly n: number;
  readonly api: "user" | "compute";
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: string;
    readonly as?: string;
    readonly headers?: Readonly<Record<string, string | null>>;
    /** JSON text of the member, so that its numbers keep their characters. */
    readonly body?: unknown;
    readonly text?: string;
    readonly file?: string;
    readonly base64?: string;
    readonly gzip?: boolean;
  };
  readonly reply: Reply;
  readonly better?: Reply;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: unknown;
  readonly text?: string;
  readonly file?: string;
  readonly match?: "detail" | "status";
  /** What the server said of an error, where no more was kept. */
  readonly detail?: unknown;
  readonly unordered?: readonly string[];
  readonly chain?: readonly string[];
  readonly jsonText?: readonly string[];
  readonly contains?: readonly string[];
  readonly bind?: Readonly<Record<string, string>>;
}

const folder = new URL("../../packages/server/test/fixtures/http-scenarios/", import.meta.url);

/** `fill`: what stands for the names that the server had invented (`${task1}`) in the text. */
export function readScenario(name: string, fill = (text: string) => text): Scenario {
  return JSON.parse(fill(scenarioFile(`${name}.json`).toString("utf8"))) as Scenario;
}

export function scenarioFile(path: string): Buffer {
  return readFileSync(new URL(path, folder));
}
