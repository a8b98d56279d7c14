import * as z from 'zod';
import { isAddOnInterface, leftoverFiles, RESERVATIONS_DIRECTORY } from '../kubernetes/leftovers.ts';
import { SystemError, type System } from '../system/system.ts';
import { parseIp } from '../values/ip.ts';
import { defineFact } from './define-fact.ts';

/** Names kept of what there may be thousands of. */
const MOST = 20;

const schema = () =>
  z.object({
    shown: z.boolean().describe('false: a directory without /etc shows nothing of it'),
    files: z.array(z.string()).describe('files and directories that kubeadm or a kubelet wrote'),
    etcdEntries: z
      .number()
      .nullable()
      .describe('entries of etcd’s data directory; 0 when there is none, null when it is no directory'),
    reservations: z
      .array(z.object({ network: z.string().describe('its name'), addresses: z.number().describe('how many') }))
      .describe('networks of CNI for which addresses are still held'),
    interfaces: z.array(z.string()).describe('devices that network add-ons make'),
    hidden: z.array(z.string()).describe('paths that only root may see'),
  });

export default defineFact({
  title: 'traces of an earlier cluster',
  schema,
  read: async (system, { plan }) => {
    const hidden: string[] = [];
    const unlessHidden = async <T>(path: string, reading: Promise<T>, otherwise: T): Promise<T> => {
      try {
        return await reading;
      } catch (error) {
        if (!(error instanceof SystemError) || error.why !== 'denied') throw error;
        hidden.push(path);
        return otherwise;
      }
    };
    const [etc, found, etcd, reservations, devices] = await Promise.all([
      system.status('/etc'),
      Promise.all(leftoverFiles.map(({ path }) => unlessHidden(path, system.status(path), null))),
      unlessHidden(plan.etcdDataDir, entriesOf(system, plan.etcdDataDir), 0),
      unlessHidden(RESERVATIONS_DIRECTORY, reservationsOf(system), []),
      system.listIfThere('/sys/class/net'),
    ]);
    return {
      shown: etc !== null,
      files: leftoverFiles.flatMap(({ path }, index) => (found[index] === null ? [] : [path])),
      etcdEntries: etcd,
      reservations,
      interfaces: devices.filter(isAddOnInterface).slice(0, MOST),
      hidden: hidden.sort(),
    };
  },
});

async function entriesOf(system: System, path: string): Promise<number | null> {
  const found = await system.status(path);
  if (found === null) return 0;
  return found.kind === 'directory' ? (await system.listIfThere(path)).length : null;
}

/** host-local also keeps a lock and the last address there, which reserve nothing. */
async function reservationsOf(system: System): Promise<{ network: string; addresses: number }[]> {
  const networks = (await system.listIfThere(RESERVATIONS_DIRECTORY)).slice(0, MOST);
  const counted = await Promise.all(
    networks.map(async (network) => {
      const names = await system.listIfThere(`${RESERVATIONS_DIRECTORY}/${network}`);
      return { network, addresses: names.filter((name) => parseIp(name) !== null).length };
    }),
  );
  return counted.filter(({ addresses }) => addresses > 0);
}
