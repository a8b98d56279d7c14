export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Parses `30000-32767` or `30000`; null when it is none, reversed or outside 1-65535. */
export function parsePortRange(text: string): PortRange | null {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim());
  if (match === null) return null;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first >= 1 && last <= 65_535 && first <= last ? { first, last } : null;
}

export function formatPortRange({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

export function inRange(range: PortRange, port: number): boolean {
  return port >= range.first && port <= range.last;
}

/** The maximal runs of a set of ports, in ascending order. */
export function toRanges(ports: Iterable<number>): PortRange[] {
  const out: { first: number; last: number }[] = [];
  for (const port of [...new Set(ports)].sort((a, b) => a - b)) {
    const open = out.at(-1);
    if (open !== undefined && port === open.last + 1) open.last = port;
    else out.push({ first: port, last: port });
  }
  return out;
}

/** What of `range` no member of `holes` covers. */
export function subtract(range: PortRange, holes: readonly PortRange[]): PortRange[] {
  let left: PortRange[] = [range];
  for (const hole of holes) {
    left = left.flatMap((piece) => {
      if (hole.last < piece.first || hole.first > piece.last) return [piece];
      const below = { first: piece.first, last: hole.first - 1 };
      const above = { first: hole.last + 1, last: piece.last };
      return [below, above].filter(({ first, last }) => first <= last);
    });
  }
  return left;
}

/** How many ports it has. */
export function lengthOf({ first, last }: PortRange): number {
  return last - first + 1;
}

export function intersect(a: PortRange, b: PortRange): PortRange | null {
  const first = Math.max(a.first, b.first);
  const last = Math.min(a.last, b.last);
  return first <= last ? { first, last } : null;
}

/** Every port of the ranges once, in their order. */
export function portsOf(ranges: readonly PortRange[]): number[] {
  const ports = new Set<number>();
  for (const { first, last } of ranges) for (let port = first; port <= last; port++) ports.add(port);
  return [...ports];
}
