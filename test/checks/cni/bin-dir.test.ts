import { test } from 'vitest';
import check from '../../../checks/cni/bin-dir.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

type Plugins = Facts['cniPlugins'];

const directory = (path: string, plugins: string[] | null, writableByOthers: string | null = null) => ({
  path,
  real: plugins === null ? null : path,
  plugins: plugins ?? [],
  mode: 0o755,
  uid: 0,
  gid: 0,
  writableByOthers,
});
const facts = (directories: Plugins['directories'], changes: Partial<Plugins> = {}) => ({
  cniPlugins: {
    runtime: 'containerd' as const,
    live: true,
    planned: '/opt/cni/bin',
    plannedReal: '/opt/cni/bin',
    runtimeDirectories: null,
    directories,
    internalLoopback: false,
    choice: 'none' as const,
    chain: null,
    plugins: [],
    ...changes,
  },
});
const opt = (plugins: string[] | null, writable: string | null = null) => [
  directory('/opt/cni/bin', plugins, writable),
];
const joined = { stage: 'joined' as const };
const chain = { file: '10.conflist', network: 'n', version: '1.0.0' };
const bridge = (path: string | null) => ({
  type: 'bridge',
  role: 'plugin' as const,
  path,
  other: null,
  mode: 0o755,
  uid: 0,
  answer: null,
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'plugins are there',
        facts: facts(opt(['bridge', 'loopback'])),
        expect: [{ reason: 'present', status: 'pass', subject: '/opt/cni/bin' }],
      },
      { name: 'fresh, absent', facts: facts(opt(null)), expect: [{ reason: 'not-installed', status: 'pass' }] },
      { name: 'fresh, empty', facts: facts(opt([])), expect: [{ reason: 'not-installed' }] },
      {
        name: 'fresh, and the named add-on calls plugins that it does not bring',
        facts: facts(opt([])),
        plan: { cni: 'flannel-host-gw' },
        expect: [{ reason: 'missing', actual: 'absent', expected: 'bridge, host-local, portmap, loopback' }],
      },
      {
        name: 'fresh, some of them',
        facts: facts(opt(['bridge', 'host-local', 'loopback'])),
        plan: { cni: 'flannel' },
        expect: [{ reason: 'missing', expected: 'portmap' }],
      },
      {
        name: 'fresh, an add-on that brings its own',
        facts: facts(opt([])),
        plan: { cni: 'calico-vxlan' },
        expect: [{ reason: 'not-installed' }],
      },
      {
        name: 'joined, absent',
        node: joined,
        facts: facts(opt(null)),
        expect: [{ reason: 'missing', status: 'fail', actual: 'does not exist' }],
      },
      {
        name: 'joined, empty',
        node: joined,
        facts: facts(opt([])),
        expect: [{ reason: 'missing', actual: 'is empty' }],
      },
      {
        name: 'joined, no add-on wanted',
        node: joined,
        plan: { cni: 'none' },
        facts: facts(opt([])),
        expect: [{ reason: 'not-installed' }],
      },
      {
        name: 'others can write it',
        facts: facts(opt(['bridge'], '/opt/cni/my bin')),
        expect: [
          {
            reason: 'writable-by-others',
            status: 'warn',
            remedy: {
              text: 'Give it to root and take the right to write from everybody else.',
              commands: ["chown root:root '/opt/cni/my bin' && chmod go-w '/opt/cni/my bin'"],
            },
          },
        ],
      },
      {
        name: 'Debian’s containerd looks elsewhere',
        facts: facts([directory('/usr/lib/cni', ['bridge'])], {
          runtimeDirectories: ['/usr/lib/cni'],
          plannedReal: null,
        }),
        expect: [{ reason: 'runtime-looks-elsewhere', status: 'warn', actual: '/usr/lib/cni' }, { reason: 'present' }],
      },
      {
        name: 'elsewhere is the same directory through a link',
        facts: facts([{ ...directory('/usr/lib/cni', ['bridge']), real: '/opt/cni/bin' }], {
          runtimeDirectories: ['/usr/lib/cni'],
        }),
        expect: [{ reason: 'present' }],
      },
      {
        name: 'joined, and the whole chain is where the runtime looks',
        node: joined,
        facts: facts([directory('/usr/lib/cni', ['bridge'])], {
          runtimeDirectories: ['/usr/lib/cni'],
          chain,
          choice: 'wins',
          plugins: [bridge('/usr/lib/cni/bridge')],
        }),
        expect: [{ reason: 'present' }],
      },
      {
        name: 'joined, and the chain is not there',
        node: joined,
        facts: facts([directory('/usr/lib/cni', ['loopback'])], {
          runtimeDirectories: ['/usr/lib/cni'],
          chain,
          choice: 'wins',
          plugins: [bridge(null)],
        }),
        expect: [{ reason: 'runtime-looks-elsewhere' }, { reason: 'present' }],
      },
      {
        name: 'a copy of a machine without it',
        node: joined,
        facts: facts(opt(null), { live: false }),
        expect: [{ reason: 'not-copied', status: 'skip' }],
      },
    ],
  },
  test,
);
