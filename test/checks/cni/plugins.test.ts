import { test } from 'vitest';
import check from '../../../checks/cni/plugins.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

type Plugins = Facts['cniPlugins'];
type Plugin = Plugins['plugins'][number];

const plugin = (type: string, answer: Plugin['answer'], changes: Partial<Plugin> = {}): Plugin => ({
  type,
  role: 'plugin',
  path: `/opt/cni/bin/${type}`,
  other: null,
  mode: 0o755,
  uid: 0,
  answer,
  ...changes,
});
const supports = (...versions: string[]) => ({ kind: 'supports' as const, versions });
const absent = (type: string, changes: Partial<Plugin> = {}) => plugin(type, null, { path: null, ...changes });
const facts = (plugins: Plugin[], changes: Partial<Plugins> = {}) => ({
  cniPlugins: {
    runtime: 'containerd' as const,
    live: true,
    planned: '/opt/cni/bin',
    plannedReal: '/opt/cni/bin',
    runtimeDirectories: null,
    directories: [
      {
        path: '/opt/cni/bin',
        real: '/opt/cni/bin',
        plugins: ['bridge'],
        mode: 0o755,
        uid: 0,
        gid: 0,
        writableByOthers: null,
      },
    ],
    internalLoopback: false,
    choice: 'wins' as const,
    chain: { file: '10.conflist', network: 'n', version: '1.0.0' },
    plugins,
    ...changes,
  },
});
const joined = { stage: 'joined' as const };
const bridge = plugin('bridge', supports('0.4.0', '1.0.0'));

testCheck(
  check,
  {
    judge: [
      {
        name: 'no network',
        facts: facts([], { chain: null, choice: 'none' }),
        expect: [{ reason: 'no-network', status: 'skip' }],
      },
      {
        name: 'a network that may not be read',
        facts: facts([], { chain: null, choice: 'unread' }),
        expect: [{ reason: 'unreadable', status: 'unknown' }],
      },
      {
        name: 'all speak',
        facts: facts([bridge, plugin('host-local', supports('1.0.0'), { role: 'ipam' })]),
        expect: [
          { reason: 'speaks', status: 'pass', subject: 'bridge' },
          { reason: 'speaks', subject: 'host-local' },
        ],
      },
      {
        name: 'one is missing',
        facts: facts([bridge, absent('portmap')]),
        expect: [
          { reason: 'speaks' },
          { reason: 'plugin-missing', status: 'fail', subject: 'portmap', actual: 'absent' },
        ],
      },
      {
        name: 'a directory of its name',
        facts: facts([absent('portmap', { other: '/opt/cni/bin/portmap is a directory' })]),
        expect: [{ reason: 'plugin-missing', actual: '/opt/cni/bin/portmap is a directory' }],
      },
      {
        name: 'not executable',
        facts: facts([plugin('bridge', { kind: 'not-run', why: 'not-executable', detail: null })]),
        expect: [
          {
            reason: 'not-executable',
            status: 'fail',
            remedy: { text: 'Make it executable.', commands: ['chmod 755 /opt/cni/bin/bridge'] },
          },
        ],
      },
      {
        name: 'of another processor',
        facts: facts([plugin('bridge', { kind: 'cannot-start', detail: 'it is built for another processor' })]),
        expect: [{ reason: 'not-executable' }],
      },
      {
        name: 'too old',
        facts: facts([plugin('bridge', supports('0.3.1', '0.4.0'))]),
        expect: [{ reason: 'version-mismatch', status: 'fail', expected: '1.0.0', actual: '0.3.1, 0.4.0' }],
      },
      {
        name: 'no answer that is one',
        facts: facts([plugin('bridge', { kind: 'bad-answer', detail: 'it printed nothing' })]),
        expect: [{ reason: 'version-unclear', status: 'warn' }],
      },
      {
        name: 'the same under CRI-O',
        facts: facts([plugin('bridge', { kind: 'bad-answer', detail: 'it printed nothing' })], { runtime: 'cri-o' }),
        expect: [{ reason: 'version-refused', status: 'fail' }],
      },
      {
        name: 'silence',
        facts: facts([plugin('bridge', { kind: 'timed-out' })]),
        expect: [{ reason: 'version-undecided', status: 'unknown' }],
      },
      {
        name: 'being written',
        facts: facts([plugin('bridge', { kind: 'busy' })]),
        expect: [{ reason: 'version-undecided' }],
      },
      {
        name: 'only root may run it',
        facts: facts([plugin('bridge', { kind: 'denied' })]),
        expect: [{ reason: 'version-undecided' }],
      },
      {
        name: 'others can write it',
        facts: facts([plugin('bridge', { kind: 'not-run', why: 'writable-by-others', detail: '/opt/cni' })]),
        expect: [{ reason: 'writable-by-others', status: 'warn', actual: '/opt/cni is not' }],
      },
      {
        name: 'more than are asked',
        facts: facts([plugin('bridge', { kind: 'not-run', why: 'too-many', detail: null })]),
        expect: [{ reason: 'not-run', status: 'skip' }],
      },
      {
        name: 'joined with containerd, loopback is missing',
        node: joined,
        facts: facts([bridge, absent('loopback', { role: 'loopback' })]),
        expect: [{ reason: 'speaks' }, { reason: 'plugin-missing', subject: 'loopback' }],
      },
      {
        name: 'loopback speaks what containerd asks of it',
        node: joined,
        facts: facts([plugin('loopback', supports('0.3.1'), { role: 'loopback' })]),
        expect: [{ reason: 'speaks' }],
      },
      {
        name: 'containerd does it itself',
        node: joined,
        facts: facts([bridge, absent('loopback', { role: 'loopback' })], { internalLoopback: true }),
        expect: [{ reason: 'speaks' }],
      },
      {
        name: 'CRI-O does it itself',
        node: joined,
        facts: facts([bridge, absent('loopback', { role: 'loopback' })], { runtime: 'cri-o' }),
        expect: [{ reason: 'speaks' }],
      },
      {
        name: 'fresh, loopback may come with the add-on',
        facts: facts([bridge, absent('loopback', { role: 'loopback' })]),
        expect: [{ reason: 'speaks' }],
      },
      {
        name: 'a directory',
        facts: facts([plugin('bridge', { kind: 'not-run', why: 'root', detail: null })], { live: false }),
        expect: [
          { reason: 'present', status: 'pass' },
          { reason: 'not-run', subject: 'VERSION' },
        ],
      },
      {
        name: 'a copy of a machine without plugins',
        node: joined,
        facts: facts([absent('bridge')], {
          live: false,
          directories: [
            { path: '/opt/cni/bin', real: null, plugins: [], mode: null, uid: null, gid: null, writableByOthers: null },
          ],
        }),
        expect: [{ reason: 'not-copied', status: 'skip' }],
      },
    ],
  },
  test,
);
