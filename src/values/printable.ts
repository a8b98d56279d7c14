/** Text from outside as a person may read it: control characters, escape codes, halves of surrogate pairs and what reverses the writing direction become U+FFFD. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
