import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import swap, { parseFstab, parseSwaps } from '../../src/facts/swap.ts';
import { readFrom } from './read-from.ts';

const HEADER = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';

test('no swap', async () => {
  expect(await readFrom(swap, { '/proc/swaps': HEADER })).toEqual({
    devices: [],
    fstab: [],
    units: [],
    zramGenerator: false,
  });
});

test('a partition, a file with a space in its name, and swap in memory', () => {
  const text = `${HEADER}/dev/dm-1                               partition\t16760828\t4\t-2
/swap\\040file                           file\t\t1024\t\t0\t\t-3
/dev/zram0                              partition\t8388604\t0\t100
`;
  expect(parseSwaps(text)).toEqual([
    { name: '/dev/dm-1', type: 'partition', size: 16_760_828 * 1024, used: 4096 },
    { name: '/swap file', type: 'file', size: 1024 * 1024, used: 0 },
    { name: '/dev/zram0', type: 'partition', size: 8_388_604 * 1024, used: 0 },
  ]);
});

test('a kernel without swap has no file; a directory without /proc shows nothing', async () => {
  expect((await readFrom(swap, { '/proc/meminfo': 'MemTotal: 1 kB\n' })).devices).toEqual([]);
  expect((await readFrom(swap, { '/etc/hostname': 'w1\n' })).devices).toBeNull();
});

test('what turns swap on at boot', async () => {
  const value = await readFrom(swap, {
    '/proc/swaps': HEADER,
    '/etc/fstab':
      '# UUID=1 none swap sw 0 0\nUUID=2 none swap sw 0 0\n/old none swap noauto 0 0\n/dev/a / ext4 defaults 0 1\n',
    '/etc/systemd/system/dev-sdb1.swap': '[Swap]\nWhat=/dev/sdb1\n',
    '/etc/systemd/system/dev-sdc1.swap': { link: '/dev/null' },
    '/usr/lib/systemd/zram-generator.conf': '[zram0]\nzram-size = min(ram, 8192)\n',
  });
  expect(value).toMatchObject({ fstab: ['UUID=2'], units: ['dev-sdb1.swap'], zramGenerator: true });
});

test('an empty file of the administrator turns zram-generator off', async () => {
  const value = await readFrom(swap, {
    '/etc/systemd/zram-generator.conf': '',
    '/usr/lib/systemd/zram-generator.conf': '[zram0]\n',
  });
  expect(value.zramGenerator).toBe(false);
});

test('any text is read without an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const { size, used } of parseSwaps(text)) expect(size >= 0 && used >= 0).toBe(true);
      parseFstab(text);
    }),
  );
});
