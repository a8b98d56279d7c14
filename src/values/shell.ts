/** A word as a POSIX shell reads it back unchanged. Text from outside goes into a command only through this. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
