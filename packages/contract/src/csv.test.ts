import { expect, test } from "vitest";
import { csv } from "./csv.ts";

test("cells with commas, quotes and line ends are quoted", () => {
  expect(
    csv(
      ["name", "value"],
      [
        ["a, b", 1.5],
        ['say "x"', null],
        ["two\nlines", 0],
      ],
    ),
  ).toBe('name,value\r\n"a, b",1.5\r\n"say ""x""",\r\n"two\nlines",0');
});
