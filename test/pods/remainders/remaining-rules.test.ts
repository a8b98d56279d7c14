import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseList } from '../../../src/kubernetes/cni/config-list.ts';
import { parseLegacyTable, readTables, type HostRule, type HostTable } from '../../../src/pods/host/host-rules.ts';
import { chainsOf, shaperOf } from '../../../src/pods/host/own-names.ts';
import { remainingRules, type RuleOwner } from '../../../src/pods/remainders/remaining-rules.ts';
import type { TableUndo } from '../../../src/pods/remainders/found.ts';
import { rootedSystem } from '../../../src/system/rooted.ts';
import { withDirectory } from '../../hosts/directory.ts';

const ID = 'seaworthy-aa';

function ownerOf(containerId: string, ...addresses: string[]): RuleOwner {
  return { containerIds: [containerId], chains: chainsOf('lab', containerId), addresses, bridges: ['cni0'] };
}

const ours = ownerOf(ID, '10.99.7.2');

/** What nft printed after ADD, or after DEL, of bridge with ipMasq, portmap with a mapping and firewall: Debian's 1.1.1 in a fresh namespace, for container seaworthy-aa. */
async function recorded(when: 'with-pod' | 'after-del'): Promise<HostTable[]> {
  const file = (name: string) => readFileSync(join(import.meta.dirname, 'recorded', `${when}.${name}.json`), 'utf8');
  const printed: Readonly<Record<string, string>> = {
    '-j list chains': file('chains'),
    '-j list table ip nat': file('ip-nat'),
    '-j list table ip filter': file('ip-filter'),
  };
  const programs = {
    find: async (name: string) => (name === 'nft' ? '/usr/sbin/nft' : null),
    run: async (_: string, args: readonly string[]) => ({
      exitCode: 0,
      killedBy: null,
      stdout: printed[args.join(' ')] ?? '',
      stderr: '',
    }),
  };
  const network = parseList(JSON.stringify({ name: 'lab', cniVersion: '0.4.0', plugins: [{ type: 'bridge' }] }));
  if ('problem' in network) throw new Error(network.problem);
  return withDirectory({ 'sys/module/nf_tables/refcnt': '1\n' }, (root) =>
    readTables(
      { ...rootedSystem(root), programs },
      { network: network.value, binDirs: [], containerIds: [ID] },
      new AbortController().signal,
    ),
  );
}

const shown = (undos: readonly TableUndo[]) =>
  Object.fromEntries(
    undos.map(({ table, rules, chains, whole }) => [
      `${table.family} ${table.name}`,
      { rules: rules.length, chains: [...chains].sort(), whole },
    ]),
  );

test('names are those that the plugins make: of the recorded bridge and portmap', async () => {
  const names = (await recorded('with-pod')).flatMap(({ chains }) => chains.map(({ name }) => name));
  const [masquerade, forward] = chainsOf('lab', ID);
  expect(names).toEqual(expect.arrayContaining([masquerade, forward]));
  expect(shaperOf('lab', ID)).toMatch(/^bwp[0-9a-f]{12}$/);
});

test('after DEL nothing of ours is there, and tables that were not there before go as a whole', async () => {
  const { leaked, kept, used, othersWrote } = remainingRules([], await recorded('after-del'), ours);
  expect({ leaked, used, othersWrote }).toEqual({ leaked: [], used: [], othersWrote: false });
  expect(shown(kept)).toEqual({
    'ip nat': {
      rules: 5,
      chains: ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-MASQ', 'CNI-HOSTPORT-SETMARK', 'OUTPUT', 'POSTROUTING', 'PREROUTING'],
      whole: true,
    },
    'ip filter': { rules: 2, chains: ['CNI-ADMIN', 'CNI-FORWARD', 'FORWARD'], whole: true },
  });
});

test('without DEL the rules of the pod are ours, with the chains named after it', async () => {
  const { leaked, kept, used } = remainingRules([], await recorded('with-pod'), ours);
  expect(shown(leaked)).toEqual({
    'ip nat': { rules: 7, chains: chainsOf('lab', ID).slice(0, 2).sort(), whole: false },
    'ip filter': { rules: 2, chains: [], whole: false },
  });
  expect(kept.map(({ whole }) => whole)).toEqual([true, true]);
  expect(used).toEqual([]);
});

test('the same rules of another pod are not touched, and neither is anything that they need', async () => {
  const { leaked, kept, used, othersWrote } = remainingRules([], await recorded('with-pod'), ownerOf('4f2a9c0de1b3'));
  expect(leaked).toEqual([]);
  expect(othersWrote).toBe(true);
  expect(used).toEqual(
    expect.arrayContaining([
      'table ip nat chain CNI-HOSTPORT-DNAT',
      'table ip nat chain CNI-HOSTPORT-SETMARK',
      'table ip filter chain CNI-FORWARD',
    ]),
  );
  const gone = kept.flatMap(({ chains, rules }) => [...chains, ...rules.flatMap(({ jumps }) => jumps)]);
  expect(gone).not.toEqual(expect.arrayContaining(['CNI-HOSTPORT-DNAT']));
  expect(gone).not.toEqual(expect.arrayContaining(['CNI-FORWARD']));
});

test('what was there before is not touched', async () => {
  const before = await recorded('with-pod');
  expect(remainingRules(before, before, ours)).toEqual({
    leaked: [],
    kept: [],
    used: [],
    othersWrote: false,
    unclear: [],
  });
  const { leaked, kept } = remainingRules(await recorded('after-del'), before, ours);
  expect(kept).toEqual([]);
  expect(shown(leaked)['ip nat']?.chains).toEqual(chainsOf('lab', ID).slice(0, 2).sort());
});

let handles = 0;
const rule = (jumps: string[], words: string[] = [], comment: string | null = null): HostRule => ({
  id: String(++handles),
  jumps,
  words,
  comment,
});
const chain = (name: string, ...rules: HostRule[]) => ({
  name,
  base: !/^[a-z]|^CNI-/.test(name),
  policy: 'accept',
  rules,
});
const nft = (family: string, name: string, ...chains: HostTable['chains']): HostTable => ({
  backend: 'nft',
  family,
  name,
  chains,
  others: 0,
});

test.each<[string, HostTable, string[]]>([
  [
    'a rule of somebody else in a base chain keeps it',
    nft('ip', 'nat', chain('POSTROUTING', rule([], ['192.0.2.1'])), chain('PREROUTING')),
    ['PREROUTING'],
  ],
  [
    'a rule of an administrator keeps CNI-ADMIN, and what leads to it',
    nft(
      'ip',
      'filter',
      chain('FORWARD', rule(['CNI-FORWARD'])),
      chain('CNI-FORWARD', rule(['CNI-ADMIN'])),
      chain('CNI-ADMIN', rule([], ['192.0.2.1'])),
    ),
    [],
  ],
  [
    'a policy that drops is somebody’s firewall',
    nft('ip', 'filter', { ...chain('FORWARD'), policy: 'drop' }, chain('INPUT')),
    ['INPUT'],
  ],
  [
    'a chain that somebody else leads to stays',
    nft(
      'ip',
      'nat',
      chain('OUTPUT', rule(['MINE'])),
      { ...chain('MINE', rule(['CNI-HOSTPORT-MASQ'])), base: false },
      chain('CNI-HOSTPORT-MASQ', rule([])),
    ),
    [],
  ],
  [
    'rules between pods of one bridge, by its name',
    nft(
      'ip',
      'filter',
      chain('FORWARD', rule(['CNI-ISOLATION-STAGE-1'])),
      chain('CNI-ISOLATION-STAGE-1', rule(['CNI-ISOLATION-STAGE-2'], ['cni0']), rule([], ['cni0'])),
      chain('CNI-ISOLATION-STAGE-2', rule([], ['cni0'])),
    ),
    ['CNI-ISOLATION-STAGE-1', 'CNI-ISOLATION-STAGE-2', 'FORWARD'],
  ],
  [
    'a table of the plugins since 1.6',
    nft('inet', 'cni_plugins_masquerade', {
      ...chain('masq_checks', rule([], ['10.99.7.2'], `net: lab, id: ${ID}`)),
      base: true,
    }),
    ['masq_checks'],
  ],
  [
    'the same, with a rule of another pod',
    nft('inet', 'cni_hostport', chain('hostports', rule([], [], '4f2a9c0de1b3')), {
      ...chain('prerouting', rule(['hostports'])),
      base: true,
    }),
    [],
  ],
])('%s', (_, table, chains) => {
  const { kept } = remainingRules([], [table], ours);
  expect(kept.flatMap((each) => each.chains).sort()).toEqual(chains);
  expect(kept.some(({ whole }) => whole)).toBe(chains.length === table.chains.length);
});

test('a rule with the address of our pod is ours only while nobody else has the address', () => {
  const table = nft('ip', 'filter', chain('CNI-FORWARD', rule([], ['10.99.7.2'])));
  expect(remainingRules([], [table], ours).leaked).toHaveLength(1);
  expect(remainingRules([], [table], ownerOf(ID))).toMatchObject({ leaked: [], kept: [], othersWrote: true });
});

test('the older iptables as its program prints it', () => {
  const text = `# Generated by iptables-save v1.8.9 on Thu Jan  1 00:00:00 1970
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [12:720]
:CNI-HOSTPORT-MASQ - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
-A POSTROUTING -s 10.99.7.2/32 -m comment --comment "name: \\"lab\\" id: \\"${ID}\\"" -j ${chainsOf('lab', ID)[0]}
-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
COMMIT
`;
  const table = parseLegacyTable(text, 'ip', 'nat');
  expect(table.chains.map(({ name, base, rules }) => [name, base, rules.length])).toEqual([
    ['PREROUTING', true, 0],
    ['POSTROUTING', true, 2],
    ['CNI-HOSTPORT-MASQ', false, 1],
  ]);
  const { leaked, kept } = remainingRules([], [table], ours);
  expect(leaked[0]?.rules.map(({ id }) => id.slice(0, 15))).toEqual(['-s 10.99.7.2/32']);
  expect(kept.map(({ chains, whole, rules }) => ({ chains, whole, rules: rules.length }))).toEqual([
    { chains: ['CNI-HOSTPORT-MASQ'], whole: false, rules: 2 },
  ]);
});

test('no text makes the parser fail', () => {
  const words = fc.array(
    fc.constantFrom('-A ', ':', 'CNI-X', ' -j', '"', '\\', '\n', '--comment', ' ', '-', '10.0.0.1/32'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        words.map((parts) => parts.join('')),
      ),
      (text) => {
        expect(parseLegacyTable(text, 'ip', 'nat').others).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

/** Names that meet. */
const names = fc.constantFrom(
  'POSTROUTING',
  'FORWARD',
  'CNI-FORWARD',
  'CNI-ADMIN',
  'CNI-HOSTPORT-DNAT',
  'CNI-HOSTPORT-MASQ',
  'KUBE-SERVICES',
  chainsOf('lab', ID)[1] ?? '',
  chainsOf('lab', 'other')[1] ?? '',
);
const anyRule = fc.record({
  id: fc.integer({ min: 1, max: 30 }).map(String),
  jumps: fc.array(names, { maxLength: 1 }),
  words: fc.array(fc.constantFrom('10.99.7.2', '10.99.7.3', ID, 'cni0'), { maxLength: 2 }),
  comment: fc.constantFrom(null, ID, 'other'),
});
const anyTable = fc.record({
  backend: fc.constant('nft' as const),
  family: fc.constant('ip'),
  name: fc.constantFrom('nat', 'cni_hostport'),
  others: fc.nat(1),
  chains: fc.uniqueArray(
    fc.record({
      name: names,
      base: fc.boolean(),
      policy: fc.constantFrom('accept', 'drop'),
      rules: fc.uniqueArray(anyRule, { selector: ({ id }) => id, maxLength: 4 }),
    }),
    { selector: ({ name }) => name, maxLength: 6 },
  ),
});

test('whatever there is: nothing goes that was there before, and no chain or table with a rule that stays', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (before, after) => {
      const { leaked, kept } = remainingRules([before], [after], ours);
      const undos = [...leaked, ...kept];
      const known = before.name === after.name ? before.chains : [];
      const gone = undos.flatMap(({ rules }) => rules.map(({ chain: name, id }) => `${name} ${id}`));
      for (const { rules, chains, whole } of undos) {
        for (const each of rules)
          expect(known.find(({ name }) => name === each.chain)?.rules.some(({ id }) => id === each.id)).not.toBe(true);
        for (const name of chains) {
          expect(known.map((each) => each.name)).not.toContain(name);
          const lost = after.chains.find((each) => each.name === name)?.rules ?? [];
          expect(lost.filter(({ id }) => !gone.includes(`${name} ${id}`))).toEqual([]);
        }
        const all = undos.flatMap((each) => each.chains);
        const stays =
          before.name === after.name || after.others > 0 || after.chains.some(({ name }) => !all.includes(name));
        expect(whole && stays).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});
