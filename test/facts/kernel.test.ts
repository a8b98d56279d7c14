import { expect, test } from 'vitest';
import kernel from '../../src/facts/kernel.ts';
import { readFrom } from './read-from.ts';

test('release and machine', async () => {
  const files = { '/proc/sys/kernel/osrelease': '6.1.0-28-amd64\n', '/proc/sys/kernel/arch': 'x86_64\n' };
  expect(await readFrom(kernel, files)).toEqual({ release: '6.1.0-28-amd64', machine: 'x86_64' });
});

test('an older kernel tells its machine nowhere', async () => {
  expect(await readFrom(kernel, { '/proc/sys/kernel/osrelease': '5.14.0-503.el9.x86_64\n' })).toEqual({
    release: '5.14.0-503.el9.x86_64',
    machine: null,
  });
});

test('a directory without /proc', async () => {
  expect(await readFrom(kernel, {})).toEqual({ release: '', machine: null, shown: false });
});
