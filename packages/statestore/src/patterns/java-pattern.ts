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
    const compiled = RE2JS.compile(pattern);
    return (value) => compiled.matches(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidPattern(`${JSON.stringify(pattern)} is no valid pattern: ${reason}`, { pattern, reason });
  }
}
