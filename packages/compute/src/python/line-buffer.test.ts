import { expect, test } from "vitest";
import { LineBuffer } from "./line-buffer.ts";

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const buffer = new LineBuffer((line) => lines.push(line));
  for (const chunk of chunks) buffer.push(Buffer.from(chunk));
  buffer.end();
  return lines;
}

test("lines are put together from chunks, also within a character", () => {
  const bytes = Buffer.from("één\ntwo");
  expect(linesOf("a", "b\nc\n\n", bytes.subarray(0, 1), bytes.subarray(1))).toEqual(["ab", "c", "", "één", "two"]);
});

test("a line without an end is cut, and the next one is whole", () => {
  const lines = linesOf(...Array.from({ length: 100 }, () => Buffer.alloc(65536, 0xff)), "\nnext\n");
  expect(lines.map((line) => line.length)).toEqual([8192, 4]);
  expect(lines[1]).toBe("next");
});
