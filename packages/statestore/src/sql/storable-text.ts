/**
 * Text as both engines can hold it: PostgreSQL has no NUL, neither has lone surrogates. They become U+FFFD. For names and texts that people
 * read and search, never for the content of objects (that is JSON, where such characters are escaped).
 */
export function storable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is the character to be replaced.
  return text.toWellFormed().replace(/\u0000/g, "\ufffd");
}

export function storableOrNull(text: string | null): string | null {
  return text === null ? null : storable(text);
}
