import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { isRead } from '../reading.ts';
import { dotted, settersOf } from '../../kubernetes/sysctls.ts';
import { matchesGlob } from '../../values/glob.ts';
import { shellQuote } from '../../values/shell.ts';

type Files = Reading<Facts['sysctlFiles']>;
type Assignment = Facts['sysctlFiles']['assignments'][number] & { readonly value: string };

/** The assignment that wins for a key: the last one that names it or a pattern that matches, which a name keeps away. sysctl.d(5) */
export function settingOf(assignments: Facts['sysctlFiles']['assignments'], key: string): Assignment | null {
  const setters = settersOf(key);
  const free = setters.filter((setter) => !assignments.some((each) => each.key === setter));
  const sets = (each: Assignment) => setters.includes(each.key) || free.some((setter) => matchesGlob(each.key, setter));
  return assignments.filter(hasValue).findLast(sets) ?? null;
}

/** A clause on where the value of a key comes from: `set by /etc/sysctl.d/50-hardening.conf:12`. */
export function whoSet(files: Files, key: string, current: string): string {
  if (!isRead(files)) return 'the files that could have set it were not read';
  const { assignments, unreadable } = files.value;
  const setting = settingOf(assignments, key);
  if (setting?.value === current) return `set by ${place(setting)}`;
  if (setting !== null) {
    const others = assignments.filter((each) => each.value === current);
    const setter = settingOf(others, key);
    const notInForce = `${place(setting)} says ${setting.value}, but that is not in force`;
    // What is applied by hand, or when an interface appears, comes in no order of files.
    return setter === null ? notInForce : `${place(setter)} sets it; ${notInForce}`;
  }
  return unreadable.length === 0
    ? 'no file sets it'
    : `no file that could be read sets it; ${unreadable.join(', ')} could not`;
}

/** `/etc/sysctl.d/50-hardening.conf:12` */
export function place({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}

const OWN_FILE = '/etc/sysctl.d/90-kubernetes.conf';

/** Commands that set keys now and at each boot, whatever files of this machine say otherwise. */
export function commandsToSet(values: Readonly<Record<string, string>>, files: Files): string[] {
  const lines = Object.entries(values).map(([key, value]) => shellQuote(`${dotted(key)} = ${value}`));
  const assignments = isRead(files) ? files.value.assignments : [];
  const stronger = assignments
    .filter(hasValue)
    .filter((each) => isAfterOwnFile(each.file) && contradicts(each, values));
  const byFile = Map.groupBy(stronger, ({ file }) => file);
  return [
    ...[...byFile].map(([file, inFile]) => commandToDisable(file, inFile)),
    // The empty line first: the last one of the file may lack its newline.
    `printf '%s\\n' '' ${lines.join(' ')} >> ${OWN_FILE} && sysctl -p ${OWN_FILE}`,
  ];
}

function hasValue<T extends { readonly value: string | null }>(each: T): each is T & { readonly value: string } {
  return each.value !== null;
}

/** Our own line names its key, which keeps patterns away from that one, but not from the others that set it. */
function contradicts({ key, value }: Assignment, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(values).some(
    ([wanted, right]) =>
      value !== right &&
      settersOf(wanted).some((setter) => key === setter || (setter !== wanted && matchesGlob(key, setter))),
  );
}

/** /etc/sysctl.conf and ufw's file come after all of sysctl.d, where the names decide. */
function isAfterOwnFile(file: string): boolean {
  return !file.includes('/sysctl.d/') || baseName(file) > baseName(OWN_FILE);
}

/** A file of a package is not edited, the next update would bring it back: a copy of it in /etc hides it. */
function commandToDisable(file: string, lines: readonly Assignment[]): string {
  const script = [...new Set(lines.map(({ line }) => `${line}s/^/# /`))].join(';');
  return file.startsWith('/etc/')
    ? `sed -i '${script}' ${shellQuote(file)}`
    : `sed '${script}' ${shellQuote(file)} > ${shellQuote(`/etc/sysctl.d/${baseName(file)}`)}`;
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
