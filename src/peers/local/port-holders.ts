import { ownersOf } from '../../facts/socket-owners.ts';
import { isListening, readSocketsNow, type SocketRow } from '../../facts/parts/socket-table.ts';
import { orNull } from '../../facts/parts/process-names.ts';
import { addOns } from '../../kubernetes/add-ons.ts';
import type { System } from '../../system/system.ts';
import { canonicalIp, formatIp, isWildcard, parseIp, unmapped } from '../../values/ip.ts';
import type { Place } from './listeners.ts';

/** Who has a port that is taken. */
export interface PortHolder {
  readonly listener: 'owner' | 'kernel';
  readonly detail: string;
}

/** Sockets that listen, as the kernel shows them at one moment. */
export interface Taken {
  /** The socket that has this port of this address for sure. */
  find(place: Place): SocketRow | null;
  /** The same, and otherwise one on all IPv6 addresses, which has it for IPv4 too unless its owner gave that up. */
  findPerhaps(place: Place): SocketRow | null;
}

export async function readTaken(system: System): Promise<Taken> {
  const listening = (await readSocketsNow(system)).filter(isListening);
  const byPort = Map.groupBy(listening, ({ protocol, port }) => `${protocol} ${port}`);
  const at = ({ protocol, port }: Place) => byPort.get(`${protocol} ${port}`) ?? [];
  const find = (place: Place) => at(place).find((row) => covers(row, place.address)) ?? null;
  return {
    find,
    findPerhaps: (place) => find(place) ?? at(place).find(({ address }) => address === '::') ?? null,
  };
}

/** Who holds these sockets. */
export async function holdersOf(system: System, rows: readonly SocketRow[]): Promise<(row: SocketRow) => PortHolder> {
  const { owners, complete } = await ownersOf(system, rows, rows);
  const devices = complete ? [] : await tunnelDevices(system);
  return (row) => {
    const all = owners.filter(({ inode }) => inode === row.inode);
    // The service manager keeps the sockets that it hands on.
    const owner = all.find(({ pid }) => pid !== 1) ?? all[0];
    if (owner === undefined) return ownerless(row, complete, devices);
    return { listener: 'owner', detail: `${owner.process.slice(0, 200)} (pid ${owner.pid})` };
  };
}

function covers(row: SocketRow, address: string): boolean {
  const [held, asked] = [parseIp(row.address), parseIp(address)];
  if (held === null || asked === null) return false;
  return isWildcard(held) ? held.family === asked.family : formatIp(unmapped(held)) === canonicalIp(address);
}

/** Ports by which add-ons' tunnels are known where not every process can be looked at. */
const TUNNEL_PORTS = new Set(
  Object.values(addOns).flatMap(({ ports }) => ports.filter(({ kernel }) => kernel).map(({ port }) => port)),
);

function ownerless({ protocol, port, uid }: SocketRow, complete: boolean, devices: readonly string[]): PortHolder {
  // A socket of the kernel has a row, which belongs to root and to no process.
  const tunnel = !complete && uid === 0 && TUNNEL_PORTS.has(port) ? devices[0] : undefined;
  if (protocol === 'udp' && (complete || tunnel !== undefined))
    return {
      listener: 'kernel',
      detail: tunnel === undefined ? 'the kernel, and no process' : `the kernel, for ${tunnel}`,
    };
  return { listener: 'owner', detail: complete ? 'the kernel, and no process' : 'a process that could not be seen' };
}

/** Devices whose datagrams the kernel takes itself. */
async function tunnelDevices(system: System): Promise<string[]> {
  const names = (await orNull(system.list('/sys/class/net'))) ?? [];
  const found = await Promise.all(
    names.map(async (name) => {
      const uevent = await orNull(system.readText(`/sys/class/net/${name}/uevent`));
      return /^DEVTYPE=(?:vxlan|geneve|wireguard)$/m.test(uevent ?? '') ? [name] : [];
    }),
  );
  return found.flat();
}
