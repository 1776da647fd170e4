import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.ts";

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const forUsers = [
  "network",
  "transformation",
  "system",
  "task",
  "results",
  "failures",
  "watch",
  "login",
  "logout",
  "profile",
  "completion",
];

/** Every command that does something, with its words. */
function verbs(command: Command, path: readonly string[] = []): [string, Command][] {
  const { commands } = command;
  const below = commands.flatMap((each) => verbs(each, [...path, each.name()]));
  return commands.length === 0 || command.registeredArguments.length > 0 ? [[path.join(" "), command], ...below] : below;
}

test("the help of every command has an example of it", () => {
  const all = verbs(createProgram());
  expect(all.length).toBeGreaterThan(60);
  const without = all.filter(
    ([path, command]) => !new RegExp(`^Examples?:\\n {2}\\$ alchemiscale ${path}\\b`, "m").test(helpOf(command)),
  );
  expect(without.map(([path]) => path)).toEqual(["warm-up"]);
});

test("every command for users that lists something has --json", () => {
  const program = createProgram();
  const own = program.commands.filter((each) => forUsers.includes(each.name()));
  expect(own).toHaveLength(forUsers.length);
  const without = own
    .flatMap((each) => verbs(each, [each.name()]))
    .filter(([, { options }]) => !options.some(({ long }) => long === "--json"));
  expect(without.map(([path]) => path)).toEqual([
    "network get",
    "transformation get",
    "system get",
    "login",
    "logout",
    "completion",
  ]);
});
