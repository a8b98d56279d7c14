import { test } from 'vitest';
import check from '../../../checks/cni/config.ts';
import { chooseForContainerd, chooseForCrio } from '../../../src/kubernetes/cni/choose.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

type Files = Facts['cniFiles'];
type File = Files['files'][number];

const unasked = { unread: 'timeout', detail: 'not read' } as const;
const plugin = (type: string) => ({
  type,
  ipam: null,
  bridge: null,
  mtu: null,
  isGateway: null,
  ipMasq: null,
  capabilities: [],
  subnets: [],
});
const valid = (name: string, ...types: string[]): File => ({
  name,
  state: 'valid',
  problem: null,
  network: {
    name: 'n',
    cniVersion: '1.0.0',
    cniVersions: null,
    version: '1.0.0',
    siblings: [],
    plugins: types.map(plugin),
  },
});
const bad = (name: string, state: 'broken' | 'unread' = 'broken'): File => ({
  name,
  state,
  problem: 'it is empty',
  network: null,
});

const facts = (files: File[], changes: Partial<Files> = {}) => {
  const candidates = files.map(({ name, state, network }) => ({
    name,
    state,
    ...(network === null ? {} : { network }),
  }));
  return {
    cniFiles: {
      runtime: 'containerd' as const,
      directory: '/etc/cni/net.d',
      present: true,
      runtimeDirectory: null,
      files,
      choices: { containerd: { ...chooseForContainerd(candidates) }, crio: { ...chooseForCrio(candidates) } },
      ...changes,
    },
    cniPlugins: unasked,
  };
};
const joined = { stage: 'joined' as const };
const flannel = valid('10-flannel.conflist', 'flannel', 'portmap');

testCheck(
  check,
  {
    judge: [
      { name: 'fresh, empty', facts: facts([]), expect: [{ reason: 'not-installed', status: 'pass' }] },
      { name: 'fresh, absent', facts: facts([], { present: false }), expect: [{ reason: 'not-installed' }] },
      { name: 'joined, empty', node: joined, facts: facts([]), expect: [{ reason: 'no-network', status: 'warn' }] },
      {
        name: 'joined, empty, an add-on named',
        node: joined,
        plan: { cni: 'flannel' },
        facts: facts([]),
        expect: [{ reason: 'missing', status: 'fail' }],
      },
      {
        name: 'joined, no add-on wanted',
        node: joined,
        plan: { cni: 'none' },
        facts: facts([]),
        expect: [{ reason: 'not-installed' }],
      },
      {
        name: 'joined, one',
        node: joined,
        facts: facts([flannel]),
        expect: [{ reason: 'valid', status: 'pass', subject: '/etc/cni/net.d/10-flannel.conflist' }],
      },
      {
        name: 'a broken file sorts first',
        node: joined,
        facts: facts([bad('05 old.conflist'), flannel]),
        expect: [
          {
            reason: 'sorts-first-broken',
            status: 'fail',
            subject: '/etc/cni/net.d/05 old.conflist',
            actual: 'it is empty',
            remedy: {
              text: 'Move the file out of the directory, or repair it; a network add-on writes its own file again.',
              commands: ["mv '/etc/cni/net.d/05 old.conflist' '/etc/cni/net.d/05 old.conflist.broken'"],
            },
          },
        ],
      },
      {
        name: 'the only one is broken',
        facts: facts([bad('05.conflist')]),
        expect: [{ reason: 'broken', status: 'fail' }],
      },
      {
        name: 'CRI-O, all broken',
        facts: facts([bad('05.conflist')], { runtime: 'cri-o' }),
        expect: [{ reason: 'broken' }],
      },
      {
        name: 'CRI-O passes over a broken one',
        node: joined,
        facts: facts([bad('05.conflist'), flannel], { runtime: 'cri-o' }),
        expect: [{ reason: 'broken-passed-over', status: 'warn', subject: '/etc/cni/net.d/05.conflist' }],
      },
      {
        name: 'a broken file after the winner harms nobody',
        node: joined,
        facts: facts([flannel, bad('99.conflist')]),
        expect: [{ reason: 'valid' }],
      },
      {
        name: 'several',
        node: joined,
        facts: facts([valid('05-a.conflist', 'bridge'), flannel]),
        expect: [
          {
            reason: 'several',
            status: 'warn',
            actual: '05-a.conflist, 10-flannel.conflist',
            message: '2 files hold a network; containerd and CRI-O take 05-a.conflist.',
          },
        ],
      },
      {
        name: 'multus with the network that it calls',
        node: joined,
        facts: facts([valid('00-multus.conf', 'multus'), flannel]),
        expect: [{ reason: 'valid' }],
      },
      {
        name: 'what CRI-O’s package brings',
        node: joined,
        facts: facts([flannel, valid('100-crio-bridge.conflist', 'bridge'), valid('200-loopback.conf', 'loopback')], {
          runtime: 'cri-o',
        }),
        expect: [{ reason: 'valid' }],
      },
      {
        name: 'the same on a fresh node',
        facts: facts([valid('100-crio-bridge.conflist', 'bridge')], { runtime: 'cri-o' }),
        expect: [{ reason: 'valid' }],
      },
      {
        name: 'fresh, of an earlier network',
        facts: facts([flannel]),
        expect: [{ reason: 'leftover', status: 'warn', actual: 'flannel, portmap' }],
      },
      {
        name: 'fresh, of the add-on that was named',
        plan: { cni: 'flannel-host-gw' },
        facts: facts([flannel]),
        expect: [{ reason: 'valid' }],
      },
      {
        name: 'joined, another add-on than the named one',
        node: joined,
        plan: { cni: 'cilium-vxlan' },
        facts: facts([flannel]),
        expect: [{ reason: 'leftover', expected: 'none but that of cilium-vxlan' }],
      },
      {
        name: 'joined, a chain of reference plugins',
        node: joined,
        plan: { cni: 'kube-router' },
        facts: facts([valid('10.conflist', 'bridge')]),
        expect: [{ reason: 'valid' }],
      },
      {
        name: 'may not be read',
        facts: facts([bad('05-cilium.conflist', 'unread')]),
        expect: [{ reason: 'unreadable', status: 'unknown' }],
      },
      {
        name: 'the runtime reads another directory',
        facts: facts([], { directory: '/srv/net.d', runtimeDirectory: '/srv/net.d' }),
        expect: [
          { reason: 'runtime-looks-elsewhere', status: 'warn', actual: '/srv/net.d' },
          { reason: 'not-installed' },
        ],
      },
      {
        name: 'joined, and the network there works',
        node: joined,
        facts: facts([flannel], { directory: '/srv/net.d', runtimeDirectory: '/srv/net.d' }),
        expect: [{ reason: 'valid' }],
      },
      {
        name: 'joined, and a good network where the runtime does not look',
        node: joined,
        plan: { cniConfDir: '/srv/net.d' },
        facts: facts([flannel], { directory: '/srv/net.d', runtimeDirectory: '/etc/cni/net.d' }),
        expect: [{ reason: 'runtime-looks-elsewhere', actual: '/etc/cni/net.d' }, { reason: 'valid' }],
      },
      {
        name: 'a copy of a machine without it',
        node: joined,
        facts: {
          ...facts([], { present: false }),
          cniPlugins: {
            value: {
              runtime: null,
              live: false,
              planned: '/opt/cni/bin',
              plannedReal: null,
              runtimeDirectories: null,
              directories: [],
              internalLoopback: false,
              choice: 'none',
              chain: null,
              plugins: [],
            },
          },
        },
        expect: [{ reason: 'not-copied', status: 'skip' }],
      },
    ],
  },
  test,
);
