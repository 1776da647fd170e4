/** Patterns that users give for names and states, in Java's syntax, matched against whole values in linear time. */
import { RE2JS } from "re2js";
import { InvalidPattern } from "../errors.ts";

/** A pattern is compiled in time linear in its size, but its automaton grows with counted repetitions: a bound keeps that small. */
const longest = 4096;

/**
 * The matcher of a pattern. Leading flags such as `(?i)` work; lookaround and backreferences do not.
 * @throws {InvalidPattern}
 */
export function compileJavaPattern(pattern: string): (value: string) => boolean {
  if (pattern.length > longest) {
    throw new InvalidPattern(`a pattern may have ${longest} characters; this one has ${pattern.length}`, {
      pattern: `${pattern.slice(0, 100)}…`,
      reason: "too long",
    });
  }
  try {
    // Java writes a named group (?<name>…) as RE2 does; an escape \Q…\E too.
    const compiled = RE2JS.compile(withJavaDots(pattern));
    return (value) => compiled.matches(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidPattern(`${JSON.stringify(pattern)} is no valid pattern: ${reason}`, { pattern, reason });
  }
}

/** What a `.` leaves out in Java; RE2's leaves out the newline alone. */
const javaDot = "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]";
/** Pieces in which a `.` is none, flags, groups, and the dot itself. */
const pieces = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])|[().]/g;

/** The pattern with every `.` spelled out that is not under the flag `s`; a flag holds until the group ends in which it stands. */
function withJavaDots(pattern: string): string {
  if (!pattern.includes(".")) return pattern;
  const enclosing: boolean[] = [];
  let dotMatchesAll = false;
  return pattern.replace(pieces, (piece: string, on: string | undefined, off: string | undefined, end: string | undefined) => {
    if (piece === ".") return dotMatchesAll ? piece : javaDot;
    if (piece === ")") dotMatchesAll = enclosing.pop() ?? false;
    if (piece === "(" || end === ":") enclosing.push(dotMatchesAll);
    if (end !== undefined) dotMatchesAll = off?.includes("s") ? false : dotMatchesAll || on?.includes("s") === true;
    return piece;
  });
}
