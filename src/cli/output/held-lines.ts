/**
 * With --redact no line goes to standard error before it is known how the names in it are hidden: that is when the run is over, by the words of its
 * report, or when the program ends before that.
 */
let held: string[] | null = null;
const named = new Set<string>();
let hide = (line: string) => line;

/** From here on lines wait. */
export function holdLines(): void {
  held ??= [];
}

/** Names of whom lines may tell, beside those that stand in the plan and in what was observed. */
export function alsoNamed(names: readonly string[]): void {
  for (const name of names) named.add(name);
}

export function heldLines(): { readonly lines: readonly string[]; readonly names: readonly string[] } {
  return { lines: held ?? [], names: [...named] };
}

/** As it may be written now; null where it waits. */
export function unlessHeld(line: string): string | null {
  if (held === null) return hide(line);
  held.push(line);
  return null;
}

/** Those that waited, and from here on none waits. @param by What hides names in a text. */
export function letGo(by: (text: string) => string): string[] {
  const lines = held ?? [];
  held = null;
  hide = by;
  return lines.map(by);
}
