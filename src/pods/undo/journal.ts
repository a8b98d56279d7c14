import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { privateDirectory } from '../../system/private-directory.ts';
import { isAlive, processIdentity } from '../../system/process-identity.ts';
import { SystemError, type System } from '../../system/system.ts';
import { jsonOf } from '../../values/json.ts';
import { hostStateSchema } from '../host/host-state.ts';
import { DIRECTORY } from './journal-directory.ts';

const identity = () => z.object({ pid: z.int().positive(), started: z.string() });

const schema = () =>
  z.object({
    version: z.literal(1),
    boot: z.string().describe('of the machine: a later one has nothing left to undo'),
    namespace: z.string().describe('the network of the machine'),
    owner: identity(),
    timeoutMs: z.number().positive().describe('of one call of a plugin'),
    pods: z.array(z.object({ name: z.string(), agent: identity(), namespace: z.string() })),
    before: hostStateSchema(),
  });

/** What another process needs to undo what one was killed over: written before anything is changed. What plugins were run for is beside it. */
export type Journal = z.infer<ReturnType<typeof schema>>;

const MAX_FILE_SIZE = 64 * 1024 * 1024;

/** Where plugins' results are kept until they are undone. */
export function cacheOf(path: string): string {
  return path.replace(/\.json$/, '');
}

/** The path of one that is yet to be written. */
export function newJournal(): string {
  return `${DIRECTORY}/pods-${randomBytes(8).toString('hex')}.json`;
}

/** Throws a SystemError. */
export async function writeJournal(
  system: System,
  path: string,
  entries: Pick<Journal, 'timeoutMs' | 'pods' | 'before'>,
): Promise<void> {
  const owner = await processIdentity(system, process.pid);
  if (owner === null) throw new SystemError('error', '/proc does not show this process');
  const journal: Journal = { version: 1, ...(await here(system)), owner, ...entries };
  const directory = await privateDirectory(DIRECTORY);
  await directory.write(nameOf(path), JSON.stringify(journal));
}

/** Null when there is none, or none that this program understands. Throws a SystemError. */
export async function readJournal(system: System, path: string): Promise<Journal | null> {
  if ((await system.status(path)) === null) return null;
  const text = await (await privateDirectory(DIRECTORY)).readIfThere(nameOf(path), MAX_FILE_SIZE);
  return text === null ? null : (schema().safeParse(jsonOf(text)).data ?? null);
}

/** All is undone. Throws a SystemError. */
export async function removeJournal(path: string): Promise<void> {
  const directory = await privateDirectory(DIRECTORY);
  await directory.remove(nameOf(cacheOf(path)));
  await directory.remove(nameOf(path));
  if ((await directory.list()).length === 0) await directory.removeAll();
}

/** Journals of this network of this machine whose writers are gone. Throws a SystemError. */
export async function abandonedJournals(system: System): Promise<string[]> {
  const abandoned: string[] = [];
  const now = await here(system);
  for (const name of await system.listIfThere(DIRECTORY)) {
    if (!/^[\w-]+\.json$/.test(name)) continue;
    const journal = await readJournal(system, `${DIRECTORY}/${name}`);
    if (journal?.boot !== now.boot || journal.namespace !== now.namespace) continue;
    if (!(await isAlive(system, journal.owner))) abandoned.push(`${DIRECTORY}/${name}`);
  }
  return abandoned;
}

async function here(system: System): Promise<Pick<Journal, 'boot' | 'namespace'>> {
  const boot = (await system.readText('/proc/sys/kernel/random/boot_id')).trim();
  return { boot, namespace: await system.readLink('/proc/self/ns/net') };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
