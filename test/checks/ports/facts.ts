import type { Facts } from '../../../src/evidence/facts.ts';
import type { Reading } from '../../../src/evidence/reading.ts';

/** Facts about ports for the tables of the three checks. */

type Socket = Facts['listeners']['sockets'][number];
type Owner = Facts['socketOwners']['owners'][number];

export const unread: Reading<never> = { unread: 'unsupported', detail: 'not read here' };

/** `[::]:6443` or `udp 0.0.0.0:8472`, each with an inode of its own: 1, 2, … */
export function listening(...texts: readonly string[]): Facts['listeners'] {
  return { by: 'kernel', sockets: texts.map(socket), connections: [], attempts: [] };
}

function socket(text: string, index: number): Socket {
  const [, udp, address = '', port] = /^(udp )?\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return {
    protocol: udp === undefined ? 'tcp' : 'udp',
    family: address.includes(':') ? 6 : 4,
    address,
    port: Number(port),
    inode: index + 1,
    uid: 0,
  };
}

export function owner(inode: number, process: string, more: Partial<Owner> = {}): Owner {
  return { inode, pid: 800 + inode, process, names: [process], unit: null, ...more };
}

export function ownedBy(...owners: readonly Owner[]): Reading<Facts['socketOwners']> {
  return { value: { owners: [...owners], complete: true } };
}

/** As somebody who is not root sees them. */
export const hiddenOwners: Reading<Facts['socketOwners']> = { value: { owners: [], complete: false } };

/** As a directory without /proc/net shows it. */
export const nothing: Facts['listeners'] = { by: 'nothing', sockets: [], connections: [], attempts: [] };
