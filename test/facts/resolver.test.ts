import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import resolver, { addressesIn, parseResolvConf } from '../../src/facts/resolver.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { SystemError, type System } from '../../src/system/system.ts';
import { readFrom } from './read-from.ts';

const files = {
  'proc/sys/kernel/hostname': 'W1\n',
  'etc/hosts': '127.0.0.1 localhost\n127.0.1.1\tw1.example.org w1 # this one\n::1 w1\nnonsense w1\n',
  'etc/resolv.conf': '# by hand\nnameserver 9.9.9.9\nnameserver fe80::1%eth0\nnameserver nonsense\nsearch a b\n',
  'etc/nsswitch.conf': 'passwd: files\nhosts:   files mymachines resolve [!UNAVAIL=return] dns # x\n',
};

const live = (resolve: System['network']['resolve']) => ({
  live: true,
  native: true,
  network: { ...rootedSystem('/').network, resolve },
});

test('a directory: files alone', async () => {
  expect(await readFrom(resolver, files)).toEqual({
    name: 'w1',
    resolution: null,
    hosts: ['127.0.1.1', '::1'],
    hostsSources: ['files', 'mymachines', 'resolve', 'dns'],
    files: { '/etc/resolv.conf': { nameservers: ['9.9.9.9', 'fe80::1%eth0'], search: ['a', 'b'] } },
    resolvedActive: false,
  });
});

test('a machine: its resolver is asked for the name of the node', async () => {
  const found = await readFrom(resolver, files, {
    plan: { nodeName: 'node-1' },
    differs: live(async (host) => (host === 'node-1' ? ['10.0.0.12', '10.0.0.12'] : [])),
  });
  expect(found).toMatchObject({ name: 'node-1', resolution: { addresses: ['10.0.0.12'] }, hosts: [] });
});

test('a machine whose resolver does not know the name, or does not answer', async () => {
  const refuse = (code: string) =>
    live(async () => {
      throw new SystemError('error', 'w1', code);
    });
  const unknown = { ...files, 'etc/hosts': '127.0.0.1 localhost\n' };
  expect(await readFrom(resolver, unknown, { differs: refuse('ENOTFOUND') })).toMatchObject({
    resolution: { error: 'ENOTFOUND' },
  });
  expect(await readFrom(resolver, unknown, { differs: refuse('ETIMEDOUT') })).toMatchObject({
    resolution: { error: 'ETIMEDOUT' },
  });
});

test('where /etc/hosts is asked first and knows the name nobody else is asked', async () => {
  const never = live(async () => {
    throw new Error('asked');
  });
  expect(await readFrom(resolver, files, { differs: never })).toMatchObject({
    resolution: { addresses: ['127.0.1.1', '::1'] },
  });
  const asked = live(async () => ['10.0.0.12']);
  const dnsFirst = { ...files, 'etc/nsswitch.conf': 'hosts: dns files\n' };
  expect(await readFrom(resolver, dnsFirst, { differs: asked })).toMatchObject({
    resolution: { addresses: ['10.0.0.12'] },
  });
});

test('systemd-resolved by what systemd keeps of its units', async () => {
  const running = { ...files, 'run/systemd/units/invocation:systemd-resolved.service': { link: '0123456789abcdef' } };
  expect(await readFrom(resolver, running)).toMatchObject({ resolvedActive: true });
  const older = { ...files, 'sys/fs/cgroup/systemd/system.slice/systemd-resolved.service/tasks': '1\n' };
  expect(await readFrom(resolver, older)).toMatchObject({ resolvedActive: true });
});

test('no text makes the parsers throw', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('nameserver', ' ', '\n', '::1', '#', 'w1')).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, (bytes) => {
      expect(() => [parseResolvConf(bytes), addressesIn(bytes, 'w1')]).not.toThrow();
    }),
  );
});
