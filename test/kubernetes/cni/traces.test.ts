import { expect, test } from 'vitest';
import { parseList, type NetworkList } from '../../../src/kubernetes/cni/config-list.ts';
import { bridgesOf, dataDirectoriesOf, writesRules } from '../../../src/kubernetes/cni/traces.ts';

function network(...plugins: unknown[]): NetworkList {
  const parsed = parseList(JSON.stringify({ name: 'lab', cniVersion: '1.0.0', plugins }));
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.value;
}

test.each<[string, unknown, { bridges: string[]; directories: string[]; rules: boolean }]>([
  [
    'bridge by its defaults',
    { type: 'bridge', ipam: { type: 'host-local' } },
    { bridges: ['cni0'], directories: ['/var/lib/cni/networks/lab'], rules: false },
  ],
  [
    'bridge by its configuration',
    { type: 'bridge', bridge: 'br9', ipMasq: true, ipam: { type: 'host-local', dataDir: '/run/ipam/' } },
    { bridges: ['br9'], directories: ['/run/ipam/lab'], rules: true },
  ],
  [
    'flannel, which calls bridge',
    { type: 'flannel', delegate: { isDefaultGateway: true } },
    { bridges: ['cni0'], directories: ['/var/lib/cni/networks/lab', '/var/lib/cni/flannel'], rules: false },
  ],
  [
    'flannel with a bridge of another name',
    { type: 'flannel', dataDir: '/run/flannel', delegate: { bridge: 'br9' } },
    { bridges: ['br9'], directories: ['/var/lib/cni/networks/lab', '/run/flannel'], rules: false },
  ],
  ['ptp', { type: 'ptp', ipMasq: true, ipam: { type: 'dhcp' } }, { bridges: [], directories: [], rules: true }],
  ['portmap', { type: 'portmap' }, { bridges: [], directories: [], rules: false }],
  ['firewall', { type: 'firewall' }, { bridges: [], directories: [], rules: true }],
  ['tuning', { type: 'tuning' }, { bridges: [], directories: ['/run/cni/tuning'], rules: false }],
  [
    'a relative path is none',
    { type: 'tuning', dataDir: 'x' },
    { bridges: [], directories: ['/run/cni/tuning'], rules: false },
  ],
])('what a chain leaves on a host: %s', (_, plugin, { bridges, directories, rules }) => {
  const chain = network(plugin);
  expect(bridgesOf(chain)).toEqual(bridges);
  expect(dataDirectoriesOf(chain)).toEqual(directories);
  expect(writesRules(chain)).toBe(rules);
});
