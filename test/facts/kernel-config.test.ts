import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import kernelConfig from '../../src/facts/kernel-config.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { withDirectory } from '../hosts/directory.ts';
import { readFrom } from './read-from.ts';

const CONFIG = 'CONFIG_VXLAN=m\n# CONFIG_IP_VS is not set\nCONFIG_MEMCG=y\nCONFIG_HZ=250\nCONFIG_LOCALVERSION="-x"\n';
const RELEASE = { '/proc/sys/kernel/osrelease': '6.1.0-28-amd64\n' };

const readPacked = (bytes: Buffer) =>
  withDirectory({}, async (root) => {
    mkdirSync(join(root, 'proc'));
    writeFileSync(join(root, 'proc/config.gz'), bytes);
    return kernelConfig.read(rootedSystem(root), { plan: DEFAULTS, signal: new AbortController().signal });
  });

test('options that are judged', async () => {
  const value = await readFrom(kernelConfig, { ...RELEASE, '/boot/config-6.1.0-28-amd64': CONFIG });
  expect(value).toEqual({ file: '/boot/config-6.1.0-28-amd64', options: { VXLAN: 'm', MEMCG: 'y' } });
});

test('a directory that cannot show it', async () => {
  const nothing = { file: null, options: {}, shown: false };
  expect(await readFrom(kernelConfig, {})).toEqual(nothing);
  expect(await readFrom(kernelConfig, RELEASE)).toEqual(nothing);
});

test('the place of another kernel does not count', async () => {
  const value = await readFrom(kernelConfig, { ...RELEASE, '/boot/config-6.1.0-27-amd64': CONFIG });
  expect(value).toEqual({ file: null, options: {} });
});

test('what the kernel carries itself comes first, and is packed', async () => {
  expect(await readPacked(gzipSync(CONFIG))).toEqual({
    file: '/proc/config.gz',
    options: { VXLAN: 'm', MEMCG: 'y' },
  });
});

test.each([
  ['no gzip', Buffer.from('CONFIG_VXLAN=m\n')],
  ['a bomb', gzipSync(Buffer.alloc(8 * 1024 * 1024))],
  ['cut short', gzipSync(CONFIG).subarray(0, 20)],
])('%s', async (_name, bytes) => {
  await expect(readPacked(bytes)).rejects.toMatchObject({ name: 'SystemError', why: 'error' });
});
