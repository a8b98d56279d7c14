import { printable } from '../../values/printable.ts';
import type { Named, NameKind } from './names.ts';

/** By name in lower case. */
export function namesFor(named: readonly Named[], taken: ReadonlySet<string>): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  const fresh = (kind: NameKind, isValid: boolean): string => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    // What is no valid name stays none.
    const made = `${kind}${isValid ? '-' : '_'}${count}${kind === 'domain' ? '.example' : ''}`;
    return taken.has(made) ? fresh(kind, isValid) : made;
  };
  const known = new Map<string, string>();
  for (const { kind, name } of named) {
    const lower = name.toLowerCase();
    if (known.has(lower)) continue;
    const dot = lower.indexOf('.');
    const [label, domain] = [known.get(lower.slice(0, dot)), known.get(lower.slice(dot + 1))];
    const whole = kind !== 'domain' && dot > 0 && label !== undefined;
    const isValid =
      (kind !== 'node' && kind !== 'host') || /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(lower.split('.')[0] ?? '');
    const by = whole ? `${label}.${domain ?? 'example'}` : fresh(kind, isValid);
    known.set(lower, by);
    // As others cut it, print it and quote it.
    for (const other of [lower.slice(0, 64), printable(lower), lower.replaceAll("'", `'\\''`)])
      if (!known.has(other)) known.set(other, by);
  }
  return known;
}
