import type { Facts } from '../../../src/evidence/facts.ts';

export type Interface = Facts['interfaces']['interfaces'][number];
export type Route = Facts['routes']['routes'][number];

/** An interface as a server has it; `changes` is what the case is about. */
export function nic(name: string, address: string | null, changes: Partial<Interface> = {}): Interface {
  return {
    name,
    index: 2,
    up: true,
    carrier: true,
    loopback: false,
    kind: 'physical',
    master: null,
    parent: null,
    mac: '52:54:00:00:00:01',
    addressAssignType: 0,
    mtu: 1500,
    virtualFunction: false,
    addresses: address === null ? [] : [addressOf(address)],
    ...changes,
  };
}

function addressOf(text: string): Interface['addresses'][number] {
  const [address = '', prefix] = text.split('/');
  return { address, prefix: Number(prefix), family: address.includes(':') ? 6 : 4 };
}

export const lo = nic('lo', '127.0.0.1/8', { index: 1, loopback: true, kind: 'other', mac: null, mtu: 65_536 });

export function via(gateway: string | null, name: string, destination = '0.0.0.0/0', metric = 100): Route {
  return { family: destination.includes(':') ? 6 : 4, destination, gateway, interface: name, metric };
}
