import { expect, test } from 'vitest';
import { parseList } from '../../src/kubernetes/cni/config-list.ts';
import { whatIsMissing } from '../../src/pods/undo/put-back.ts';
import { rootedSystem } from '../../src/system/rooted.ts';

test.each<[string, string[], Record<string, unknown>, string[]]>([
  ['all is there', ['ip', 'nft'], { type: 'bridge', ipMasq: true }, []],
  ['nft, and no rules are written', ['ip'], { type: 'bridge' }, []],
  ['nft, and rules are written', ['ip'], { type: 'bridge', ipMasq: true }, ['nft (nftables)']],
  ['both', [], { type: 'firewall' }, ['ip (iproute2)', 'nft (nftables)']],
])('what is missing before anything is changed: %s', async (_, there, plugin, missing) => {
  const parsed = parseList(JSON.stringify({ name: 'lab', cniVersion: '1.0.0', plugins: [plugin] }));
  if ('problem' in parsed) throw new Error(parsed.problem);
  const system = rootedSystem('/');
  const programs = {
    ...system.programs,
    find: async (name: string) => (there.includes(name) ? `/sbin/${name}` : null),
  };
  expect(await whatIsMissing({ ...system, programs }, parsed.value)).toEqual(missing);
});
