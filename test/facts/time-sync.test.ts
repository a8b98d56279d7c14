import { expect, test } from 'vitest';
import timeSync from '../../src/facts/time-sync.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { SystemError } from '../../src/system/system.ts';
import type { Target } from '../../src/system/network.ts';
import { readFrom } from './read-from.ts';

/** A machine whose daemons answer thus; where there is none, the kernel refuses. */
function live(answers: Readonly<Record<number, (request: Buffer) => Buffer | null>>) {
  const asked: number[] = [];
  const { network } = rootedSystem('/');
  const exchange = async ({ port }: Target, request: Buffer) => {
    asked.push(port);
    const found = answers[port];
    if (found === undefined) throw new SystemError('error', 'refused', 'ECONNREFUSED');
    return found(request);
  };
  return { asked, differs: { live: true, network: { ...network, exchange } } };
}

function chronyd(leap: number): (request: Buffer) => Buffer {
  return (request) => {
    const reply = Buffer.alloc(104);
    reply.writeUInt8(6, 0);
    reply.writeUInt8(2, 1);
    reply.writeUInt16BE(33, 4);
    reply.writeUInt16BE(5, 6);
    request.copy(reply, 16, 8, 12);
    reply.writeUInt16BE(4, 52);
    reply.writeUInt16BE(leap, 54);
    return reply;
  };
}

const HOST = { '/proc/1/comm': 'systemd\n' };

test('a directory is not asked', async () => {
  expect(await readFrom(timeSync, HOST)).toEqual({
    asked: false,
    sharedClock: false,
    answers: [],
    otherProcesses: 'shown',
  });
});

test('systemd-timesyncd tells it by a file', async () => {
  const { asked, differs } = live({});
  const { answers } = await readFrom(timeSync, { '/run/systemd/timesync/synchronized': '' }, { differs });
  expect(answers).toEqual([{ daemon: 'systemd-timesyncd', synchronised: true, stratum: null }]);
  expect(asked).toEqual([]);
});

test('systemd-timesyncd runs and has not synchronised', async () => {
  const { differs } = live({});
  const { answers } = await readFrom(timeSync, { '/run/systemd/timesync': { directory: true } }, { differs });
  expect(answers).toEqual([{ daemon: 'systemd-timesyncd', synchronised: false, stratum: null }]);
});

test.each([
  [0, true],
  [3, false],
])('chronyd with the leap status %i', async (leap, synchronised) => {
  const { differs } = live({ 323: chronyd(leap) });
  expect((await readFrom(timeSync, HOST, { differs })).answers).toEqual([
    { daemon: 'chronyd', synchronised, stratum: 4 },
  ]);
});

test('silence and junk are no answers', async () => {
  const { asked, differs } = live({ 323: () => Buffer.from('junk'), 123: () => null });
  expect((await readFrom(timeSync, HOST, { differs })).answers).toEqual([]);
  expect(new Set(asked)).toEqual(new Set([123, 323]));
});

test('a container has its host’s clock', async () => {
  expect((await readFrom(timeSync, { '/run/systemd/container': 'lxc\n' })).sharedClock).toBe(true);
});
