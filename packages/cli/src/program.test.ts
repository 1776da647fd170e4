import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.ts";

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const forUsers = [
  "network",
  "transformation",
  "task",
  "results",
  "failures",
  "watch",
  "login",
  "logout",
  "profile",
  "completion",
];

test("the help of every command for users has an example", () => {
  const commands = createProgram().commands.filter((each) => forUsers.includes(each.name()));
  expect(commands).toHaveLength(forUsers.length);
  for (const command of commands.flatMap(leaves)) {
    expect(helpOf(command), command.name()).toMatch(new RegExp(`Examples?:\\n  \\$ alchemiscale .*${command.name()}`));
  }
});

test("every command for users that lists something has --json", () => {
  const commands = createProgram().commands.filter((each) => forUsers.includes(each.name()));
  const without = commands.flatMap(leaves).filter((each) => !each.options.some(({ long }) => long === "--json"));
  expect(without.map((each) => each.name())).toEqual(["get", "login", "logout", "completion"]);
});
