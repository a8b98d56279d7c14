/** What a report does not show as it is, so that it could not be pasted: control characters, escape codes, invisible marks. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A word as a POSIX shell reads it back unchanged. Text from outside goes into a command only through this. */
export function shellQuote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return INVISIBLE.test(word) ? printed(word) : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Only what is harmless everywhere is written as it is; the other bytes are octal, which every printf reads: dash has no $'…'. */
function printed(word: string): string {
  const [lines = ''] = /\n*$/.exec(word) ?? [];
  const text = word.slice(0, word.length - lines.length).replaceAll(/[^A-Za-z0-9_@+=:,./ -]|^-/gu, octal);
  // "$(…)" drops the line ends that it ends with; the last character of a shell's own IFS is one.
  return `"$(printf '${text}')"${'"${IFS#??}"'.repeat(lines.length)}`;
}

function octal(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
