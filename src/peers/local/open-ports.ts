import { setImmediate } from 'node:timers/promises';
import type { SocketRow } from '../../facts/parts/socket-table.ts';
import type { Settings } from '../../plan/settings.ts';
import { mergeNeighbours } from '../../probes/merge.ts';
import { codeOf } from '../../system/errors.ts';
import type { System } from '../../system/system.ts';
import { lengthOf, portsOf } from '../../values/port-range.ts';
import { admit, type Catalogued } from './admission.ts';
import type { Lease } from './lease.ts';
import type { Listeners, Place } from './listeners.ts';
import { roomForSockets } from './local-limits.ts';
import { whyNotHeld } from './may-hold.ts';
import { PeerError } from '../peer.ts';
import { holdersOf, readTaken } from './port-holders.ts';
import type { Opened, Opening } from '../messages/protocol.ts';
import { ruledNodePorts, unavailable, type Story } from './ruled-node-ports.ts';

/** The machine that opens. */
export interface Opener {
  readonly system: System;
  /** Its own settings. */
  readonly own: Settings;
  readonly listeners: Listeners;
}

/** A port that the catalogue has. */
interface Wanted {
  readonly place: Place;
  readonly kind: Catalogued;
}

const OURS: Story = { listener: 'ours', detail: null };

/** Listeners that are bound side by side. */
const BATCH = 256;
/** One address has no more ports than these. */
const MOST_PORTS = 2 * 65_535;

/** Opens what the catalogue has of the openings and nobody else holds; ports of one story share a range. */
export async function openPorts(opener: Opener, lease: Lease, openings: readonly Opening[]): Promise<Opened[]> {
  const { run, asked } = lease;
  const addresses = (await opener.system.addresses()).map(({ address }) => address);
  const grounds = { asked, own: opener.own, addresses, known: run.members[run.self]?.addresses ?? [] };
  const parts = openings.flatMap((opening) => admit(opening, grounds).map((part) => ({ opening, part })));
  const admitted = parts.flatMap(({ opening, part }) => ('kind' in part ? [{ ...opening, ...part }] : []));
  const count = admitted.reduce((sum, { ports }) => sum + lengthOf(ports), 0);
  if (count > MOST_PORTS) throw new PeerError('rejected', `${count} ports are more than may be opened at once`);

  const wanted = new Map<string, Wanted>();
  for (const { protocol, address, ports, kind } of admitted)
    for (const port of portsOf([ports]))
      wanted.set(keyOf({ protocol, address, port }), { place: { protocol, address, port }, kind });
  const stories = await storiesOf(opener, lease, [...wanted.values()]);

  return parts.flatMap(({ opening, part }): Opened[] => {
    if ('refusal' in part) return [{ ...opening, ports: part.ports, ...unavailable(part.refusal) }];
    const told = portsOf([part.ports]).map(
      (port) => [port, stories.get(keyOf({ ...opening, port })) ?? unavailable('it was not tried')] as const,
    );
    const merged = mergeNeighbours(told, (a, b) => a.listener === b.listener && a.detail === b.detail);
    return merged.map(({ ports, value }) => ({ ...opening, ports, ...value }));
  });
}

/** What became of each port. */
async function storiesOf(opener: Opener, lease: Lease, wanted: readonly Wanted[]): Promise<Map<string, Story>> {
  const { system, own, listeners } = opener;
  const stories = new Map<string, Story>();
  const rows = new Map<string, SocketRow>();
  const allowed: Wanted[] = [];
  const barred: Place[] = [];

  const whyNot = await whyNotHeld(system, own);
  if (whyNot !== null) await listeners.closeComponents();
  const hasNodePorts = wanted.some(({ kind }) => kind === 'node-port');
  const ruledOf = whyNot !== null && hasNodePorts ? await ruledNodePorts(system, own) : () => null;
  for (const each of wanted) {
    const { place, kind } = each;
    const ruled = kind === 'node-port' ? ruledOf(place) : null;
    if (ruled !== null) stories.set(keyOf(place), ruled);
    else if (kind === 'node-port' || whyNot === null) allowed.push(each);
    else barred.push(place);
  }

  const refused: { place: Place; code: string }[] = [];
  for (const [{ place }, code] of await bindAll(opener, lease, allowed)) {
    if (code === null) stories.set(keyOf(place), OURS);
    else refused.push({ place, code });
  }
  // The kernel takes milliseconds to show all sockets: it is asked where the answer matters.
  const taken = barred.length + refused.length === 0 ? null : await readTaken(system);
  const note = (place: Place, row: SocketRow | null | undefined, otherwise: Story) => {
    if (row == null) stories.set(keyOf(place), otherwise);
    else rows.set(keyOf(place), row);
  };
  // Components listen on all addresses of both families, by one IPv6 socket; where nothing may be opened only its row tells.
  for (const place of barred)
    note(place, listeners.has(place) ? null : taken?.findPerhaps(place), { listener: 'none', detail: whyNot });
  for (const { place, code } of refused) {
    const row = code === IN_USE ? taken?.findPerhaps(place) : taken?.find(place);
    note(place, row, unavailable(WHY[code] ?? code));
  }

  const holderOf = await holdersOf(system, [...rows.values()]);
  for (const [key, row] of rows) stories.set(key, holderOf(row));
  return stories;
}

const NO_ROOM = 'ENOROOM';
const ENDED = 'ENDED';
const IN_USE = 'EADDRINUSE';

const WHY: Readonly<Record<string, string>> = {
  [IN_USE]: 'EADDRINUSE: a connection of this machine uses the port',
  EACCES: 'EACCES: only root may open ports this low',
  EADDRNOTAVAIL: 'EADDRNOTAVAIL: the address cannot be used yet, or no more',
  EMFILE: 'EMFILE: this process may have no more sockets',
  ENFILE: 'ENFILE: this machine may have no more open files',
  [NO_ROOM]: 'EMFILE: this process may have no more sockets',
  [ENDED]: 'the lease has ended',
};

/** Null, or what kept it from being opened. */
async function bindAll(
  { system, listeners }: Opener,
  lease: Lease,
  free: readonly Wanted[],
): Promise<[Wanted, string | null][]> {
  const results: [Wanted, string | null][] = [];
  let room = await roomForSockets(system);
  for (let start = 0; start < free.length; start += BATCH) {
    const batch = free.slice(start, start + BATCH);
    const bound = batch.map(async (each): Promise<[Wanted, string | null]> => {
      if (!listeners.has(each.place) && room-- <= 0) return [each, NO_ROOM];
      return [each, await bind(listeners, lease, each)];
    });
    results.push(...(await Promise.all(bound)));
    // Binding waits for nothing: without a pause nobody else would be served meanwhile, and no lease renewed.
    await setImmediate();
  }
  return results;
}

async function bind(listeners: Listeners, { id, ended }: Lease, { place, kind }: Wanted): Promise<string | null> {
  if (ended.aborted) return ENDED;
  try {
    await listeners.open(id, place, kind, ended);
    return null;
  } catch (error) {
    if (ended.aborted) return ENDED;
    const code = codeOf(error);
    if (code === null) throw error;
    return code;
  }
}

function keyOf({ protocol, address, port }: Place): string {
  return `${protocol} ${address} ${port}`;
}
