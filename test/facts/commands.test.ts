import { expect, test } from 'vitest';
import commands from '../../src/facts/commands.ts';
import { readFrom } from './read-from.ts';

test('what is in the system’s directories, through the links of a merged /usr', async () => {
  const { paths } = await readFrom(commands, {
    '/bin': { link: 'usr/bin' },
    '/usr/bin/mount': { executable: '' },
    '/usr/sbin/losetup': { executable: '' },
    '/usr/bin/cp': 'not executable',
  });
  expect(paths).toMatchObject({ mount: '/usr/bin/mount', losetup: '/usr/sbin/losetup', cp: null });
});

test('a directory without programs shows nothing', async () => {
  expect(await readFrom(commands, { '/etc/hostname': 'w1\n' })).toEqual({ paths: null });
});
