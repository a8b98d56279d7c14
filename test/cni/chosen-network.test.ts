import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chosenNetwork } from '../../src/cni/chosen-network.ts';
import { liveSystem } from '../../src/system/live.ts';
import { fakePlugins } from './fake-plugins.ts';

test('containerd’s rules where the runtime is not known, CRI-O’s for CRI-O', async () => {
  const confDir = join(fakePlugins().directory, 'net.d');
  const choose = (runtime: 'containerd' | 'cri-o' | null, defaultNetwork: string | null = null) =>
    chosenNetwork(liveSystem(), { runtime, confDir, maxConfNum: 1, defaultNetwork });
  expect(await choose(null)).toEqual({ outcome: 'none', file: null, network: null });
  mkdirSync(confDir);
  writeFileSync(join(confDir, '10-broken.conflist'), '{');
  for (const name of ['20', '30'])
    writeFileSync(
      join(confDir, `${name}.conflist`),
      `{"cniVersion":"1.0.0","name":"n${name}","plugins":[{"type":"bridge"}]}`,
    );
  for (const runtime of [null, 'containerd'] as const)
    expect(await choose(runtime)).toEqual({ outcome: 'broken', file: '10-broken.conflist', network: null });
  expect(await choose('cri-o')).toMatchObject({ outcome: 'wins', file: '20.conflist', network: { name: 'n20' } });
  expect(await choose('cri-o', 'n30')).toMatchObject({ outcome: 'wins', file: '30.conflist' });
});
