/** More than any cluster has: a slip of a finger must not fill the memory. */
const MOST = 5_000;

/**
 * The names that a pattern of Ansible's stands for: `node[01:03].example` is three, `db-[a:c]` too, `n[1:9:2]` five; both ends belong to it. Null
 * where a range is none, or stands for too many.
 * @see https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html#adding-ranges-of-hosts
 */
export function hostsOf(pattern: string): string[] | null {
  const range = /^(?<before>[^[\]]*)\[(?<first>\w*):(?<last>\w+)(?::(?<step>\d{1,6}))?\](?<after>.*)$/.exec(pattern);
  if (range?.groups === undefined) return /[[\]]/.test(pattern) ? null : [pattern];
  const { before = '', first = '', last = '', step = '1', after = '' } = range.groups;
  const middles = steps(first === '' ? '0' : first, last, Number(step));
  const ends = middles === null ? null : hostsOf(after);
  if (middles === null || ends === null || middles.length * ends.length > MOST) return null;
  return middles.flatMap((middle) => ends.map((end) => `${before}${middle}${end}`));
}

function steps(first: string, last: string, step: number): string[] | null {
  if (step < 1) return null;
  const letters = /^[A-Za-z]$/.test(first) && /^[A-Za-z]$/.test(last);
  if (letters) {
    const from = LETTERS.indexOf(first);
    const to = LETTERS.indexOf(last);
    return from > to ? null : count(from, to, step).map((at) => LETTERS.charAt(at));
  }
  if (!/^\d{1,9}$/.test(first) || !/^\d{1,9}$/.test(last) || Number(last) < Number(first)) return null;
  // A first zero tells how wide all of them are.
  const width = first.startsWith('0') && first.length > 1 ? first.length : 0;
  if (width > 0 && last.length !== width) return null;
  if ((Number(last) - Number(first)) / step > MOST) return null;
  return count(Number(first), Number(last), step).map((value) => String(value).padStart(width, '0'));
}

/** In the order of Ansible's own. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

function count(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
