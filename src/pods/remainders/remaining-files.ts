import { isSharedFile } from '../../kubernetes/cni/traces.ts';
import type { HostState } from '../host/host-state.ts';
import type { Found, Ours, Undo } from './found.ts';

function filesOf({
  directories,
}: HostState): { path: string; directory: string; name: string; holder: string | null }[] {
  return Object.entries(directories).flatMap(([directory, files]) =>
    Object.entries(files ?? {}).map(([name, holder]) => ({ path: `${directory}/${name}`, directory, name, holder })),
  );
}

function newFiles(before: HostState, after: HostState) {
  return filesOf(after).filter(({ directory, name }) => !Object.hasOwn(before.directories[directory] ?? {}, name));
}

export function ownFiles(before: HostState, after: HostState, ours: Ours): Found[] {
  return newFiles(before, after)
    .filter(({ holder }) => holder !== null && ours.containerIds.includes(holder))
    .map(({ path, holder }) => ({
      told: { what: 'reservation', name: path, before: null, after: holder },
      as: 'leaked',
      undo: { do: 'remove-files', files: [path], directories: [] },
    }));
}

export function foreignFiles(before: HostState, after: HostState, ours: Ours) {
  return newFiles(before, after).filter(({ holder }) => holder !== null && !ours.containerIds.includes(holder));
}

/** Where nobody has a reservation. A directory that was not there before goes with them, and is told as one. */
export function sharedFiles(before: HostState, after: HostState): Found[] {
  const files = newFiles(before, after).filter(
    ({ directory, name }) =>
      isSharedFile(name) && Object.values(after.directories[directory] ?? {}).every((holder) => holder === null),
  );
  const made = Object.keys(after.directories).filter(
    (path) => before.directories[path] === null && after.directories[path] !== null,
  );
  const directories = [...made, ...before.absent.filter((path) => !after.absent.includes(path))];
  const apart = files.filter(({ directory }) => !made.includes(directory)).map(({ path }) => path);
  const all: Undo = { do: 'remove-files', files: files.map(({ path }) => path), directories };
  return [...(directories.length > 0 ? directories.slice(0, 1) : []), ...apart].map((name) => ({
    told: { what: 'file', name, before: null, after: 'there' },
    as: 'kept',
    undo: all,
  }));
}
