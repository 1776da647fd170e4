/** Conversations with the real Python server, as far as a client needs them; the README beside the files says what each part means. */
import { readFileSync } from "node:fs";

export interface RecordedStep {
  readonly n: number;
  readonly api: "user" | "compute";
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: string;
    readonly as?: string;
    readonly headers?: Readonly<Record<string, string | null>>;
    readonly body?: unknown;
    readonly text?: string;
    readonly file?: string;
    readonly base64?: string;
    readonly gzip?: boolean;
  };
  readonly reply: {
    readonly status: number;
    readonly body?: unknown;
    readonly text?: string;
    readonly file?: string;
    /** What the server said of an error, where no more was kept. */
    readonly detail?: unknown;
  };
}

export interface RecordedScenario {
  readonly name: string;
  readonly identities: readonly { readonly name: string; readonly identifier: string; readonly key: string }[];
  readonly steps: readonly RecordedStep[];
}

/** They lie where the server is tested with them. */
const folder = new URL("../../../server/test/fixtures/http-scenarios/", import.meta.url);

export function readScenario(name: string): RecordedScenario {
  return JSON.parse(filled(readFileSync(new URL(`${name}.json`, folder), "utf8"))) as RecordedScenario;
}

/** The text of a request's or reply's body; undefined where there is none. */
export function bodyText(part: {
  readonly body?: unknown;
  readonly text?: string;
  readonly file?: string;
  readonly base64?: string;
  readonly detail?: unknown;
}): string | undefined {
  if ("body" in part) return JSON.stringify(part.body);
  if (part.text !== undefined) return part.text;
  if (part.file !== undefined) return filled(readFileSync(new URL(part.file, folder), "utf8"));
  if (part.detail !== undefined) return JSON.stringify({ detail: part.detail });
  return part.base64 === undefined ? undefined : Buffer.from(part.base64, "base64").toString("latin1");
}

const classes: Readonly<Record<string, string>> = { task: "Task", ref: "ProtocolDAGResultRef", token: "token" };

/** With names of our own for what the server had invented: `${task1}` is a gufe key. */
function filled(text: string): string {
  return text.replace(/\$\{([a-z_]+)(\d+)\}/g, (_, kind: string, number: string) => {
    return `${classes[kind] ?? kind}-${number.padStart(32, "0")}`;
  });
}
