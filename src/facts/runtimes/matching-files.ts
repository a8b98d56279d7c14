import type { System } from '../../system/system.ts';

/** Nobody splits a configuration into more. */
const MAX_FILES = 64;

/** The files that a path names whose last part may hold `*`, in their order; relative paths begin at `directory`. */
export async function matchingFiles(system: System, directory: string, pattern: string): Promise<string[]> {
  const absolute = pattern.startsWith('/') ? pattern : `${directory}/${pattern}`;
  const slash = absolute.lastIndexOf('/');
  const [parent, name] = [absolute.slice(0, slash), absolute.slice(slash + 1)];
  if (!name.includes('*')) return [absolute];
  const [head = '', ...tail] = name.split('*');
  const matches = (file: string) => {
    if (!file.startsWith(head)) return false;
    let rest = file.slice(head.length);
    for (const [index, part] of tail.entries()) {
      const at =
        index === tail.length - 1 ? (rest.endsWith(part) ? rest.length - part.length : -1) : rest.indexOf(part);
      if (at < 0) return false;
      rest = rest.slice(at + part.length);
    }
    return true;
  };
  const names = (await system.listIfThere(parent === '' ? '/' : parent)).filter(matches);
  return names.slice(0, MAX_FILES).map((file) => `${parent}/${file}`);
}
