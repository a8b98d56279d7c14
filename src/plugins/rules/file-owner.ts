import * as z from 'zod';
import type { System } from '../../system/system.ts';
import { describe } from './assertions.ts';
import { observation, outcomeOf, type Observation } from './observation.ts';
import type { Expectation } from './rules-schema.ts';

/** The owner of a file, expected by names of /etc/passwd or by numbers. */
export function observeFileOwner(path: string, expected: Expectation): Observation {
  const wanted = [...(expected.oneOf ?? []), ...(expected.equals === undefined ? [] : [expected.equals])];
  const schema = () =>
    z.object({
      fileOwner: z.literal(path),
      uid: z.int().nullable().describe('null when there is no such file'),
      users: z
        .record(z.string(), z.int().nullable())
        .describe('ids of the users that were asked for; null: not in /etc/passwd'),
    });
  return observation({
    subject: path,
    expected: describe(expected),
    mayBeUndecided: wanted.some((name) => idWithoutLook(name) === null),
    title: `owner of ${path}`,
    schema,
    read: async (system) => ({
      fileOwner: path,
      uid: (await system.status(path))?.uid ?? null,
      users: await idsOf(system, wanted),
    }),
    judge: ({ uid, users }) => {
      if (uid === null) return { outcome: 'fail', actual: 'absent' };
      const ids = wanted.map((name) => users[name] ?? null);
      // A user who is not in /etc/passwd may still be one: of a directory service.
      const verdict = ids.includes(uid) || (ids.includes(null) ? null : false);
      const name = Object.entries(users).find(([, id]) => id === uid)?.[0];
      return { outcome: outcomeOf(verdict), actual: name ?? (uid === 0 ? 'root' : `the user ${uid}`) };
    },
  });
}

function idWithoutLook(name: string): number | null {
  if (name === 'root') return 0;
  return /^\d{1,10}$/.test(name) ? Number(name) : null;
}

async function idsOf(system: System, names: readonly string[]): Promise<Record<string, number | null>> {
  const known = names.map((name) => [name, idWithoutLook(name)] as const);
  if (known.every(([, id]) => id !== null)) return Object.fromEntries(known);
  const users = new Map<string, number>();
  for (const row of ((await system.readTextIfThere('/etc/passwd')) ?? '').split('\n')) {
    const [name = '', , id = ''] = row.split(':');
    if (/^\d{1,10}$/.test(id) && !users.has(name)) users.set(name, Number(id));
  }
  return Object.fromEntries(known.map(([name, id]) => [name, id ?? users.get(name) ?? null]));
}
