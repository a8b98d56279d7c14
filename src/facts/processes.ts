import * as z from 'zod';
import { WATCHED_PROGRAMS } from '../kubernetes/programs.ts';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { COMM_LENGTH, argumentName, orNull, processIds, processNames } from './parts/process-names.ts';
import { processesShown } from './parts/processes-shown.ts';

const schema = () =>
  z.object({
    running: z
      .array(z.object({ name: z.string().describe('of the program'), pid: z.int().describe('process ID') }))
      .describe('processes of watched programs in this network namespace'),
  });

/** Watched programs by what the kernel keeps of their names. */
const BY_COMM = new Map(WATCHED_PROGRAMS.map((name) => [name.slice(0, COMM_LENGTH), name]));

export default defineFact({
  title: 'running programs of Kubernetes and of the host that matter to it',
  schema,
  read: async (system) => {
    if ((await processesShown(system)) === 'hidden')
      throw new SystemError('denied', '/proc: processes of other users are hidden', 'EACCES');
    const network = await orNull(system.readLink('/proc/self/ns/net'));
    const running: { name: string; pid: number }[] = [];
    for (const pid of await processIds(system)) {
      const comm = (await orNull(system.readText(`/proc/${pid}/comm`)))?.trimEnd();
      const name = comm === undefined ? undefined : BY_COMM.get(comm);
      if (name !== undefined && (await isRunning(system, pid, name)) && (await isOfNetwork(system, pid, network)))
        running.push({ name, pid });
    }
    return { running };
  },
});

/** A name that was cut must be told in full elsewhere. Zombies and kernel threads have no arguments. */
async function isRunning(system: System, pid: number, name: string): Promise<boolean> {
  const command = (await orNull(system.readText(`/proc/${pid}/cmdline`))) ?? '';
  if (command === '') return false;
  if (name.length <= COMM_LENGTH) return true;
  const [, script = ''] = command.split('\0');
  return [...(await processNames(system, pid)), argumentName(script)].includes(name);
}

/** Programs of other machines that are made of namespaces on this one are not this machine's. */
async function isOfNetwork(system: System, pid: number, network: string | null): Promise<boolean> {
  const other = network === null ? null : await orNull(system.readLink(`/proc/${pid}/ns/net`));
  return other === null || other === network;
}
