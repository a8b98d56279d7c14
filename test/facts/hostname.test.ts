import { expect, test } from 'vitest';
import hostname from '../../src/facts/hostname.ts';
import { readFrom } from './read-from.ts';

test('the kernel’s own, whatever the file says', async () => {
  const files = { '/proc/sys/kernel/hostname': 'w1\n', '/etc/hostname': 'w2\n' };
  expect(await readFrom(hostname, files)).toEqual({ hostname: 'w1' });
});

test('a mounted disk has its file', async () => {
  expect(await readFrom(hostname, { '/etc/hostname': '# set by hand\n\nw2\n' })).toEqual({ hostname: 'w2' });
  expect(await readFrom(hostname, {})).toEqual({ hostname: '', shown: false });
});

test('a copy that tar emptied has its file, and a kernel without a name none', async () => {
  const files = (text: string) => ({ '/proc/sys/kernel/hostname': text, '/etc/hostname': 'w2\n' });
  expect(await readFrom(hostname, files(''))).toEqual({ hostname: 'w2' });
  expect(await readFrom(hostname, files('\n'))).toEqual({ hostname: '' });
});

test('a running machine does not go by the file', async () => {
  const read = readFrom(hostname, { '/etc/hostname': 'w2\n' }, { differs: { live: true } });
  await expect(read).rejects.toMatchObject({ why: 'missing' });
});
