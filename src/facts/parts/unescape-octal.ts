/** A path as /proc/swaps, /proc/self/mountinfo and fstab(5) write it: white space and the backslash are three octal digits. */
export function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
}
