import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import resources, { countCpus, parseMemTotal } from '../../src/facts/resources.ts';
import { readFrom } from './read-from.ts';

test('of a directory: the processors that were on', async () => {
  const files = {
    '/sys/devices/system/cpu/online': '0-3,8\n',
    '/proc/meminfo': 'MemTotal:       24684092 kB\nMemFree: 1 kB\n',
  };
  expect(await readFrom(resources, files)).toEqual({ cpus: 5, memory: 24_684_092 * 1024 });
});

test('of a machine: those that this process may use', async () => {
  const files = {
    '/proc/self/status': 'Name:\tnode\nCpus_allowed:\t5\nCpus_allowed_list:\t0,2\n',
    '/proc/meminfo': '',
  };
  expect(await readFrom(resources, files, { differs: { live: true } })).toEqual({ cpus: 2, memory: null });
});

test('a directory without these files shows neither', async () => {
  expect(await readFrom(resources, { '/etc/hostname': 'w1\n' })).toEqual({ cpus: null, memory: null });
});

test.each(['', '3-1', 'a', '0-', '1,,2', '-1'])('no list of processors: %j', (text) => {
  expect(countCpus(text)).toBeNull();
});

test('any text is read without an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(countCpus(text) ?? 1).toBeGreaterThan(0);
      expect(parseMemTotal(text) ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});
