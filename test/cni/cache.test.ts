import * as fc from 'fast-check';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFile, forget, recall, remember } from '../../src/cni/cache.ts';
import { parseResult } from '../../src/cni/result.ts';
import { fakePlugins, POD } from './fake-plugins.ts';

const parsed = parseResult('{"ips":[{"address":"10.0.0.5/24"}],"kept":1}', '1.0.0');
const result = 'value' in parsed ? parsed.value : null;
const pod = { ...POD, capabilities: { portMappings: [{ hostPort: 1 }] } };

test('what is remembered is recalled by another process, in libcni’s form', async () => {
  const fake = fakePlugins();
  const { directory } = fake;
  const cacheDir = join(directory, 'new/cache');
  const network = fake.chain(
    { cniVersions: ['1.1.0'] },
    { type: 'a', own: { kept: true } },
    { type: 'b', capabilities: { mac: true } },
  );
  await remember(cacheDir, { chain: network, attachment: pod, result: null });
  await remember(cacheDir, { chain: network, attachment: pod, result });

  const file = join(cacheDir, 'results/net-pod-1-eth0');
  expect([cacheDir, join(cacheDir, 'results'), file].map((path) => statSync(path).mode & 0o777)).toEqual([
    0o700, 0o700, 0o600,
  ]);
  const entry = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  expect(entry).toMatchObject({
    kind: 'cniCacheV1',
    containerId: 'pod-1',
    ifName: 'eth0',
    networkName: 'net',
    netns: POD.netns,
    cniArgs: [
      ['IgnoreUnknown', '1'],
      ['K8S_POD_NAME', 'p'],
    ],
    capabilityArgs: pod.capabilities,
    result: { cniVersion: '1.0.0', kept: 1 },
  });
  expect(JSON.parse(Buffer.from(entry['config'] ?? '', 'base64').toString())).toMatchObject({
    cniVersion: '1.1.0',
    name: 'net',
  });

  const [recalled, ...others] = await recall(cacheDir);
  expect(others).toEqual([]);
  expect(recalled).toMatchObject({ file: 'net-pod-1-eth0', attached: { attachment: pod, result } });
  expect(recalled?.attached?.chain.binDirs).toEqual(network.binDirs);
  const { version, plugins } = recalled?.attached?.chain.network ?? {};
  expect({ version, plugins }).toEqual({ version: '1.1.0', plugins: network.network.plugins });

  await forget(cacheDir, cacheFile(network, pod));
  await forget(cacheDir, cacheFile(network, pod));
  expect(await recall(cacheDir)).toEqual([]);
});

test('a file that cannot be understood is told, and is in nobody’s way', async () => {
  const fake = fakePlugins();
  const { directory } = fake;
  const cacheDir = join(directory, 'cache');
  await remember(cacheDir, { chain: fake.chain({}, { type: 'a' }), attachment: pod, result });
  const results = join(cacheDir, 'results');
  const good = JSON.parse(readFileSync(join(results, 'net-pod-1-eth0'), 'utf8')) as object;
  const odd = [
    '',
    '[]',
    '{"cniVersion":"1.0.0","ips":[]}',
    JSON.stringify({ ...good, kind: 'other' }),
    JSON.stringify({ ...good, config: 'no base64!' }),
    JSON.stringify({ ...good, config: Buffer.from('{"name":"../x","plugins":[{"type":"a"}]}').toString('base64') }),
    JSON.stringify({ ...good, containerId: 'a/b' }),
    JSON.stringify({ ...good, binDirs: ['bin'] }),
  ];
  for (const [index, text] of odd.entries()) writeFileSync(join(results, `odd-${index}`), text);
  writeFileSync(join(results, 'unknown-result'), JSON.stringify({ ...good, result: { ips: 5 } }));
  const recalled = await recall(cacheDir);
  expect(
    recalled.map(
      ({ file, attached }) => `${file} ${attached === null ? 'no' : attached.result === null ? 'yes' : 'full'}`,
    ),
  ).toEqual(['net-pod-1-eth0 full', ...odd.map((_, index) => `odd-${index} no`), 'unknown-result yes']);
});

test('any bytes in the cache are recalled or told', async () => {
  const { directory } = fakePlugins();
  const results = join(directory, 'cache/results');
  mkdirSync(results, { recursive: true });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      async (bytes) => {
        writeFileSync(join(results, 'x'), bytes);
        expect(await recall(join(directory, 'cache'))).toEqual([{ file: 'x', attached: null }]);
      },
    ),
  );
});
