import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLegacyRules } from '../../src/facts/parts/firewall-legacy.ts';
import firewall from '../../src/facts/firewall.ts';
import type { RunResult } from '../../src/system/programs.ts';
import type { Files } from '../hosts/directory.ts';
import { readFrom } from './read-from.ts';

const ended = (stdout: string, exitCode = 0): RunResult => ({ exitCode, killedBy: null, stdout, stderr: '' });

/** Root on a running machine, on which programs print what is given for them. */
function running(printed: Readonly<Record<string, RunResult>>, privileged = true) {
  const calls: string[] = [];
  const programs = {
    find: async (name: string) => (Object.keys(printed).some((line) => line.startsWith(`${name} `)) ? name : null),
    run: async (path: string, args: readonly string[]) => {
      const line = [path, ...args].join(' ');
      calls.push(line);
      return printed[line] ?? ended('', 1);
    },
  };
  return { calls, differs: { live: true, privileged, programs } };
}

const host: Files = { 'proc/sys/kernel/osrelease': '6.1.0\n', 'sys/module/nf_tables/refcnt': '1\n' };
const base = (family: string, table: string, name: string, hook: string, policy: string) => ({
  chain: { family, table, name, handle: 1, type: 'filter', hook, prio: 0, policy },
});
const rule = (table: string, chain: string, ...expr: unknown[]) => ({
  rule: { family: 'ip', table, chain, handle: 2, expr },
});
const print = (...nftables: unknown[]) =>
  ended(JSON.stringify({ nftables: [{ metainfo: { json_schema_version: 1 } }, ...nftables] }));

test('a worker with iptables-nft: kube-proxy’s own table is not read', async () => {
  const { calls, differs } = running({
    'nft -j list chains': print(
      base('ip', 'filter', 'INPUT', 'input', 'accept'),
      base('ip', 'filter', 'FORWARD', 'forward', 'drop'),
      base('ip', 'filter', 'OUTPUT', 'output', 'accept'),
      base('ip', 'kube-proxy', 'filter-input', 'input', 'accept'),
      { chain: { family: 'ip', table: 'filter', name: 'KUBE-FIREWALL', handle: 3 } },
    ),
    'nft -j list table ip filter': print(
      rule('filter', 'INPUT', { counter: {} }, { jump: { target: 'KUBE-FIREWALL' } }),
      rule('filter', 'KUBE-FIREWALL', { match: {} }, { drop: null }),
      rule('filter', 'FORWARD', { jump: { target: 'FLANNEL-FWD' } }),
      rule('filter', 'FORWARD', { xt: { type: 'target', name: 'REJECT' } }),
    ),
  });
  const found = await readFrom(firewall, host, { differs });
  expect(calls).toEqual(['nft -j list chains', 'nft -j list table ip filter']);
  const common = { backend: 'nft', family: 'ip', table: 'filter' };
  expect(found.chains).toEqual([
    {
      ...common,
      chain: 'INPUT',
      hook: 'input',
      policy: 'accept',
      jumps: ['KUBE-FIREWALL'],
      refusing: ['KUBE-FIREWALL'],
      refusesSome: false,
      refusesRest: false,
    },
    {
      ...common,
      chain: 'FORWARD',
      hook: 'forward',
      policy: 'drop',
      jumps: ['FLANNEL-FWD'],
      refusing: ['FORWARD'],
      refusesSome: false,
      refusesRest: true,
    },
    {
      ...common,
      chain: 'OUTPUT',
      hook: 'output',
      policy: 'accept',
      jumps: [],
      refusing: [],
      refusesSome: false,
      refusesRest: false,
    },
  ]);
});

test('invalid packets alone, and verdict maps', async () => {
  const invalid = { match: { op: 'in', left: { ct: { key: 'state' } }, right: 'invalid' } };
  const { differs } = running({
    'nft -j list chains': print(
      base('ip', 'a', 'i', 'input', 'accept'),
      base('ip', 'a', 'm', 'input', 'accept'),
      base('ip', 'a', 'n', 'input', 'accept'),
    ),
    'nft -j list table ip a': print(
      rule('a', 'i', invalid, { drop: null }),
      rule('a', 'm', {
        vmap: {
          key: {},
          data: {
            set: [
              [22, { accept: null }],
              [9, { goto: { target: 'x' } }],
            ],
          },
        },
      }),
      rule('a', 'x', { reject: {} }),
      rule('a', 'x', { jump: { target: 'm' } }),
      rule('a', 'n', { vmap: { key: {}, data: '@verdicts' } }),
    ),
  });
  const { chains } = await readFrom(firewall, host, { differs });
  expect(chains?.map(({ chain, refusing }) => [chain, refusing])).toEqual([
    ['i', []],
    ['m', ['x']],
    ['n', ['n']],
  ]);
});

test('a chain that is always called, a rule for some, and rules that harm nobody', async () => {
  const meta = (key: string, op: string, right: string) => ({ match: { op, left: { meta: { key } }, right } });
  const daddr = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'daddr' } }, right: '172.17.0.2' } };
  const { differs } = running({
    'nft -j list chains': print(
      base('ip', 'a', 'f', 'forward', 'accept'),
      base('ip', 'a', 'g', 'forward', 'accept'),
      base('ip', 'a', 'p', 'prerouting', 'accept'),
      base('netdev', 'n', 'c', 'ingress', 'accept'),
      base('bridge', 'b', 'c', 'forward', 'drop'),
      base('ip', 'libvirt_network', 'forward', 'forward', 'drop'),
    ),
    'nft -j list table ip a': print(
      rule('a', 'f', { jump: { target: 'sub' } }),
      rule('a', 'sub', { reject: null }),
      rule('a', 'g', daddr, { drop: null }),
      // Docker's, and Weave Net's.
      rule('a', 'p', meta('iifname', '!=', 'docker0'), daddr, { drop: null }),
      rule('a', 'p', meta('oifname', '==', 'weave'), { drop: null }),
    ),
    'nft -j list table netdev n': print(rule('n', 'c', daddr, { drop: null })),
  });
  const { chains } = await readFrom(firewall, host, { differs });
  expect(
    chains?.map(({ chain, refusing, refusesSome, refusesRest }) => [chain, refusing, refusesSome, refusesRest]),
  ).toEqual([
    ['f', ['sub'], false, true],
    ['g', ['g'], true, false],
    ['p', [], false, false],
    ['c', ['c'], true, false],
  ]);
});

const conntrack = { xt: { type: 'match', name: 'conntrack' } };

/** A table of iptables-nft with `-m conntrack`, of which nft shows no more than the name. */
const withState = (saved: Readonly<Record<string, RunResult>>, chain = 'INPUT') =>
  running({
    'nft -j list chains': print(base('ip', 'filter', 'INPUT', 'input', 'accept')),
    'nft -j list table ip filter': print(
      rule('filter', 'INPUT', conntrack, { counter: {} }, { accept: null }),
      rule('filter', chain, conntrack, { counter: {} }, { drop: null }),
    ),
    ...saved,
  });
const saved = (...rules: readonly string[]) =>
  ended(
    ['# Generated by iptables-save v1.8.9 (nf_tables)', '*filter', ':INPUT ACCEPT [0:0]', ...rules, 'COMMIT\n'].join(
      '\n',
    ),
  );

test.each([
  ['-A INPUT -m conntrack --ctstate NEW -j DROP', ['INPUT']],
  ['-A INPUT -m conntrack --ctstate INVALID,NEW -j DROP', ['INPUT']],
  ['-A INPUT -m conntrack ! --ctstate INVALID -j DROP', ['INPUT']],
  ['-A INPUT -m state --state NEW -j DROP', ['INPUT']],
  ['-A INPUT -m conntrack --ctstate INVALID -j DROP', []],
  ['-A INPUT -i eth0 -m conntrack --ctstate INVALID -j DROP', []],
])('what a match of iptables-nft asks for is told by its own program: %s', async (line, refusing) => {
  for (const program of ['iptables-nft-save', 'iptables-save']) {
    const { differs } = withState({ [`${program} -t filter`]: saved(line) });
    expect(await readFrom(firewall, host, { differs })).toMatchObject({
      chains: [{ chain: 'INPUT', refusing }],
      unread: null,
    });
  }
});

test('and nothing is known of it where that is missing, or lists the rules of the older iptables', async () => {
  const { differs } = withState({});
  expect(await readFrom(firewall, host, { differs })).toMatchObject({
    unread: expect.stringContaining('iptables-nft-save is not installed') as string,
    unreadWhy: 'missing',
  });
  const older = withState({ 'iptables-save -t filter': ended('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n') });
  expect(await readFrom(firewall, host, { differs: older.differs })).toMatchObject({ unreadWhy: 'error' });
});

test('of an add-on’s own chain it is not asked', async () => {
  const { calls, differs } = withState({}, 'KUBE-FORWARD');
  expect(await readFrom(firewall, host, { differs })).toMatchObject({ unread: null });
  expect(calls).toEqual(['nft -j list chains', 'nft -j list table ip filter']);
});

test('of nft’s own rules invalid packets alone harm nobody, and all others do', async () => {
  const state = (op: string, right: unknown) => ({ match: { op, left: { ct: { key: 'state' } }, right } });
  const { differs } = running({
    'nft -j list chains': print(...['a', 'b', 'c'].map((name) => base('ip', 't', name, 'input', 'accept'))),
    'nft -j list table ip t': print(
      rule('t', 'a', state('in', 'invalid'), { drop: null }),
      rule('t', 'b', state('!=', 'invalid'), { drop: null }),
      rule('t', 'c', state('in', ['invalid', 'new']), { drop: null }),
    ),
  });
  const { chains } = await readFrom(firewall, host, { differs });
  expect(chains?.map(({ chain, refusing }) => [chain, refusing])).toEqual([
    ['a', []],
    ['b', ['b']],
    ['c', ['c']],
  ]);
});

test('rules of the older iptables that harm nobody, and some that do', () => {
  const text = `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP
-A PREROUTING -m conntrack --ctstate INVALID -j DROP
-A OUTPUT -p tcp -m tcp --dport 6443 -j DROP
`;
  expect(parseLegacyRules(text, 'ip', 'raw')).toMatchObject([
    { chain: 'PREROUTING', table: 'raw', hook: 'prerouting', refusing: [] },
    { chain: 'OUTPUT', hook: 'output', refusing: ['OUTPUT'], refusesSome: true },
  ]);
});

test('the older iptables, only where the kernel has its table', async () => {
  const { calls, differs } = running({
    'nft -j list chains': print(),
    'iptables-legacy-save -t filter': ended(
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -p tcp -j DROP\nCOMMIT\n',
    ),
  });
  const found = await readFrom(
    firewall,
    { ...host, 'proc/net/ip_tables_names': 'nat\nfilter\n', 'proc/net/ip6_tables_names': 'nat\n' },
    { differs },
  );
  expect(found.chains?.map(({ backend, hook, policy }) => [backend, hook, policy])).toEqual([
    ['legacy', 'input', 'accept'],
    ['legacy', 'forward', 'drop'],
  ]);
  expect(calls).toHaveLength(2);
});

test('a program of the same name that lists other rules', async () => {
  const { differs } = running({
    'nft -j list chains': print(),
    'iptables-save -t filter': ended('# Generated by iptables-save v1.8.9 (nf_tables) on Sun\n*filter\n'),
  });
  const found = await readFrom(firewall, { ...host, 'proc/net/ip_tables_names': 'filter\n' }, { differs });
  expect(found).toMatchObject({ chains: [], unreadWhy: 'error' });
});

test('no program is started where it would load a module', async () => {
  const { calls, differs } = running({ 'nft -j list chains': print() });
  const modular = {
    'proc/sys/kernel/osrelease': '6.1.0\n',
    'lib/modules/6.1.0/modules.builtin': 'kernel/fs/ext4/ext4.ko\n',
  };
  expect(await readFrom(firewall, modular, { differs })).toMatchObject({ chains: [], unread: null });
  expect(calls).toEqual([]);
});

test('rules that were not read say why', async () => {
  expect(await readFrom(firewall, host)).toMatchObject({ chains: null, unreadWhy: 'unsupported' });
  expect(await readFrom(firewall, host, { differs: running({}, false).differs })).toMatchObject({
    chains: null,
    unreadWhy: 'denied',
  });
  expect(await readFrom(firewall, host, { differs: running({}).differs })).toMatchObject({
    chains: [],
    unreadWhy: 'missing',
  });
  const broken = running({ 'nft -j list chains': ended('{"nftables": 7}') }).differs;
  expect(await readFrom(firewall, host, { differs: broken })).toMatchObject({ unreadWhy: 'error' });
});

test('managers by systemd and by their own files', async () => {
  const files = {
    ...host,
    'run/systemd/units/invocation:firewalld.service': { link: '0123' },
    'etc/ufw/ufw.conf': '# on\nENABLED=yes\nLOGLEVEL=low\n',
  } as const;
  expect((await readFrom(firewall, files)).managers).toEqual([
    { name: 'firewalld', by: 'firewalld.service' },
    { name: 'ufw', by: '/etc/ufw/ufw.conf' },
  ]);
  expect((await readFrom(firewall, { ...host, 'etc/ufw/ufw.conf': 'ENABLED=no\n' })).managers).toEqual([]);
});

test('no text makes the parser of iptables-save throw', () => {
  const word = fc.constantFrom(':INPUT', ' ', '\n', 'DROP', '-A ', '-j ', 'INPUT', '[0:0]', 'X', '--ctstate INVALID');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(word).map((words) => words.join('')),
      ),
      (text) => {
        expect(() => parseLegacyRules(text, 'ip', 'filter')).not.toThrow();
      },
    ),
  );
});
