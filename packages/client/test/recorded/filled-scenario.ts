/** Conversations with the real Python server, as far as a client needs them. */
import {
  type Reply,
  readScenario,
  type Scenario,
  type Step,
  scenarioFile,
} from "../../../../scripts/recorded-scenarios/scenario.ts";

export const filledScenario = (name: string): Scenario => readScenario(name, filled);

/** The text of a request's or reply's body; undefined where there is none. */
export function bodyText(part: Partial<Reply & Step["request"]>): string | undefined {
  if ("body" in part) return JSON.stringify(part.body);
  if (part.text !== undefined) return part.text;
  if (part.file !== undefined) return filled(scenarioFile(part.file).toString("utf8"));
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
