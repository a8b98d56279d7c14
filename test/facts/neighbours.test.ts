import { expect, test } from 'vitest';
import neighbours from '../../src/facts/neighbours.ts';
import { readFrom } from './read-from.ts';

const HEAD = 'IP address       HW type     Flags       HW address            Mask     Device\n';
const row = (last: number, flags: string) =>
  `10.0.0.${last}        0x1         ${flags}         02:77:00:00:00:01     *        eth0\n`;

test('permanent entries do not count', async () => {
  const arp = `${HEAD}${row(1, '0x2')}${row(2, '0x6')}${row(3, '0x0')}`;
  expect(await readFrom(neighbours, { '/proc/net/arp': arp })).toEqual({ ipv4: 2, overflows: null });
});

test('overflows of all processors, in hexadecimal', async () => {
  const statistics =
    'entries  allocs   unresolved_discards table_fulls\n00000002 00000004 00000000 0000000a\n00000002 00000000 00000000 00000006\n';
  const files = { '/proc/net/arp': HEAD, '/proc/net/stat/arp_cache': statistics };
  expect(await readFrom(neighbours, files)).toEqual({ ipv4: 0, overflows: 16 });
});

test('an older kernel does not count them', async () => {
  const files = { '/proc/net/arp': HEAD, '/proc/net/stat/arp_cache': 'entries allocs\n00000002 00000004\n' };
  expect(await readFrom(neighbours, files)).toEqual({ ipv4: 0, overflows: null });
});

test('no table', async () => {
  expect(await readFrom(neighbours, {})).toMatchObject({ shown: false });
  await expect(readFrom(neighbours, { '/proc/version': 'x' })).rejects.toMatchObject({ why: 'missing' });
});
