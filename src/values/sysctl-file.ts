/** One line of a file of sysctl.d(5). */
export interface SysctlLine {
  /** With slashes, as below /proc/sys; may hold `*`. */
  readonly key: string;
  /** Null for a line `-key`, which only keeps patterns away from the key. */
  readonly value: string | null;
  /** Counted from 1. */
  readonly line: number;
}

/** The assignments of a file of sysctl.d(5), in their order. Lines that are none are left out, as systemd-sysctl leaves them out. */
export function parseSysctlFile(text: string): SysctlLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) return [];
    const equals = content.indexOf('=');
    if (equals < 0 && !content.startsWith('-')) return [];
    const key = normalKey((equals < 0 ? content : content.slice(0, equals)).replace(/^-/, '').trim());
    return key === '' ? [] : [{ key, value: equals < 0 ? null : content.slice(equals + 1).trim(), line: index + 1 }];
  });
}

/** When the first separator is a dot, dots and slashes change places; otherwise the key is a path already. */
function normalKey(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '.'
    ? name.replaceAll(/[./]/g, (separator) => (separator === '.' ? '/' : '.'))
    : name.replace(/^\/+(?:proc\/sys\/)?/, '');
}
