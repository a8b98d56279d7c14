import { expect } from 'vitest';
import type { Finding } from '../../src/report/schema.ts';
import { complaints, labTest, type Host, type Lab } from './lab.ts';
import { addPods, BIN_DIR, bridgeOf, configure, CONF_DIR, makeNodes, type PluginOf } from './pods.ts';
import { tried } from './reach.ts';

const DRY_RUN = ['--only', 'cni/dry-run', '--timeout', '2s'] as const;

/** A node whose chain is bridge and a plugin that is this script; `$result` is what it was handed. */
async function nodeWith(lab: Lab, script: string, ...chain: readonly PluginOf[]): Promise<Host> {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) throw new Error('no node');
  plugin(node, 'odd', script);
  configure(node, chain.length > 0 ? chain : [bridgeOf(1), { type: 'odd' }]);
  return node;
}

/** What a plugin at the end of a chain prints when all is well: what it was handed. */
const PASS_ON = `node -e 'process.stdout.write(JSON.stringify(JSON.parse(process.argv[1]).prevResult))' "$input"`;

function plugin(node: Host, name: string, script: string, mode = 0o755): void {
  node.write(`${BIN_DIR}/${name}`, `#!/bin/sh\ninput=$(cat)\n${script}\n`, mode);
}

/** A plugin that does well whatever is asked, but for one verb. */
const at = (verb: string, script: string) => `if [ $CNI_COMMAND = ${verb} ]; then
  ${script}
fi
case $CNI_COMMAND in ADD) ${PASS_ON};; VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}';; esac`;

const FAILS = `echo '{"cniVersion":"1.0.0","code":11,"msg":"the sea is rough","details":"wave after wave"}'; exit 1`;

async function dryRun(node: Host, ...args: string[]): Promise<Finding[]> {
  const found = await tried([node], ...DRY_RUN, ...args);
  return complaints(found.filter(({ check }) => check === 'cni/dry-run'));
}

const FAULTS: readonly {
  readonly name: string;
  readonly script: string;
  readonly found: readonly object[];
}[] = [
  {
    name: 'hangs at ADD, and so does what it started',
    script: at('ADD', 'sleep 7211 & sleep 7212'),
    found: [{ reason: 'timed-out', subject: 'ADD', actual: expect.stringContaining('odd did not end in time') }],
  },
  {
    name: 'hangs at CHECK',
    script: at('CHECK', 'exec sleep 7213'),
    found: [{ reason: 'timed-out', subject: 'CHECK' }],
  },
  {
    name: 'hangs at DEL',
    script: at('DEL', 'exec sleep 7214'),
    found: [{ reason: 'timed-out', subject: 'DEL' }],
  },
  {
    name: 'hangs whatever is asked, and ignores signals',
    script: 'trap "" TERM INT HUP; while :; do sleep 7215; done',
    found: [
      { reason: 'timed-out', subject: 'ADD' },
      { reason: 'timed-out', subject: 'DEL' },
    ],
  },
  {
    name: 'leaves a process behind that outlives it',
    script: at('ADD', 'setsid sleep 7216 >/dev/null 2>&1 </dev/null &'),
    found: [{ reason: 'leaked', message: expect.stringContaining('process') }],
  },
  {
    name: 'prints junk',
    script: at('ADD', 'echo "no { JSON"; exit 0'),
    found: [{ reason: 'add-failed', actual: expect.stringContaining('odd gives no answer that is one') }],
  },
  {
    name: 'prints nothing',
    script: at('ADD', 'exit 0'),
    found: [{ reason: 'add-failed' }],
  },
  {
    name: 'prints without an end',
    script: at('ADD', 'exec yes'),
    found: [{ reason: 'add-failed', actual: expect.stringContaining('odd') }],
  },
  {
    name: 'prints before its JSON',
    script: at('ADD', 'echo "time=12:00 level=warning msg=hello"'),
    found: [{ reason: 'add-failed', actual: expect.stringContaining('level=warning') }],
  },
  {
    name: 'is ended by a signal',
    script: at('ADD', 'echo panic: oh >&2; kill -SEGV $$'),
    found: [{ reason: 'add-failed', actual: expect.stringMatching(/SIGSEGV.*panic: oh/) }],
  },
  {
    name: 'fails in the middle of the chain',
    script: at('ADD', FAILS),
    found: [
      {
        reason: 'add-failed',
        message: expect.stringContaining('the sea is rough'),
        evidence: { calls: [{ code: 11 }] },
      },
    ],
  },
  {
    name: 'fails at CHECK',
    script: at('CHECK', FAILS),
    found: [{ reason: 'check-failed', message: expect.stringContaining('the sea is rough') }],
  },
  {
    name: 'fails at DEL',
    script: at('DEL', FAILS),
    found: [{ reason: 'del-failed', message: expect.stringContaining('the sea is rough') }],
  },
  {
    name: 'dies with plain words',
    script: at('ADD', 'echo "open /run/flannel/subnet.env: no such file or directory" >&2; exit 3'),
    found: [{ reason: 'add-failed', message: expect.stringContaining('subnet.env') }],
  },
  {
    name: 'speaks another version',
    script: at('ADD', `echo '{"cniVersion":"0.3.1","code":1,"msg":"incompatible CNI versions"}'; exit 1`).replace(
      '["0.4.0","1.0.0"]',
      '["0.3.1"]',
    ),
    found: [{ reason: 'add-failed', actual: expect.stringContaining('odd speaks another version of CNI') }],
  },
  {
    name: 'says that it did what it did not',
    script: at(
      'ADD',
      `printf %s '{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"x"}],"ips":[{"address":"10.244.1.77/24","interface":0}]}'; exit`,
    ),
    found: [
      { reason: 'not-as-claimed', message: expect.stringContaining('10.244.1.77/24') },
      { reason: 'check-failed', subject: 'CHECK' },
    ],
  },
];

for (const { name, script, found } of FAULTS)
  labTest(`a plugin ${name}`, async ({ lab }) => {
    const node = await nodeWith(lab, script);
    const began = performance.now();
    expect(await dryRun(node)).toMatchObject(found);
    // Of each call 2 s, and there are no more than three of them in a row.
    expect(performance.now() - began).toBeLessThan(25_000);
    // Nothing of it is in the way of a run that goes well.
    configure(node, [bridgeOf(1)]);
    expect(await dryRun(node)).toEqual([]);
  });

labTest('CHECK of the bridge disputes a route without a gateway that works', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  const ipam = { type: 'host-local', subnet: '10.244.1.0/24', routes: [{ dst: '10.244.0.0/16' }] };
  configure(node, [{ type: 'bridge', bridge: 'cni0', isDefaultGateway: true, ipam }]);
  expect(await dryRun(node)).toMatchObject([
    { reason: 'check-doubtful', status: 'warn', message: expect.stringMatching(/bridge says “.*10\.244\.0\.0/) },
  ]);
  // What it says of a pod that does not have what it was given is believed.
  plugin(node, 'odd', at('ADD', 'nsenter --net="$CNI_NETNS" ip route del 10.244.0.0/16'));
  configure(node, [{ type: 'bridge', bridge: 'cni0', isDefaultGateway: true, ipam }, { type: 'odd' }]);
  expect(await dryRun(node)).toMatchObject([
    { reason: 'not-as-claimed' },
    { reason: 'check-failed', subject: 'CHECK' },
  ]);
});

labTest('a plugin is missing, is not executable, may be written by others', async ({ lab }) => {
  const node = await nodeWith(lab, at('ADD', 'true'));
  const both = (words: string) => [
    { reason: 'add-failed', actual: expect.stringContaining(words) },
    { reason: 'del-failed', actual: expect.stringContaining(words) },
  ];
  await node.sh(`rm ${BIN_DIR}/odd`);
  expect(await dryRun(node)).toMatchObject(both('odd is not there'));
  plugin(node, 'odd', at('ADD', 'true'), 0o644);
  expect(await dryRun(node)).toMatchObject(both('odd is not executable'));
  plugin(node, 'odd', 'touch /run/was-run', 0o777);
  const notTried = { status: 'unknown', reason: 'undecided', message: expect.stringContaining('odd was not run') };
  expect(await dryRun(node)).toMatchObject([notTried, notTried]);
  plugin(node, 'odd', at('ADD', 'touch /run/was-run'));
  await node.sh('chmod 666 /etc/cni/net.d/*');
  expect(await dryRun(node)).toMatchObject([
    { status: 'unknown', reason: 'fact-denied', message: expect.stringContaining('can write /etc/cni/net.d/') },
  ]);
  expect(await node.sh('ls /run/was-run 2>/dev/null || echo no')).toBe('no\n');
  await node.sh('chmod 644 /etc/cni/net.d/*');
  plugin(node, 'odd', at('ADD', 'true'));
  expect(await dryRun(node)).toEqual([]);
});

labTest('a plugin says at STATUS that it is not available: nothing else is asked of it', async ({ lab }) => {
  const node = await nodeWith(lab, at('STATUS', FAILS.replace('11', '50')), { type: 'odd' });
  configure(node, [{ type: 'odd' }], '1.1.0');
  expect(await dryRun(node, '--only', 'pods/same-node')).toMatchObject([
    { reason: 'status-failed', subject: 'STATUS', message: expect.stringContaining('the sea is rough') },
  ]);
  expect(await dryRun(node, '--pods', 'throw-away', '--only', 'pods/same-node')).toMatchObject([
    { reason: 'status-failed' },
  ]);
  plugin(node, 'odd', `echo $CNI_COMMAND >>/run/asked\n${at('ADD', FAILS)}`);
  await node.check(...DRY_RUN);
  expect(await node.sh('uniq /run/asked; rm /run/asked')).toBe('STATUS\nADD\nDEL\n');
});

/** A reference plugin that takes no part in DEL. */
const forgetful = (type: string) =>
  `[ $CNI_COMMAND = DEL ] || printf %s "$input" | sed 's/"type":"odd"/"type":"${type}"/' | exec ${BIN_DIR}/${type}`;

labTest('a plugin forgets DEL: addresses, rules and processes are told, and put back', async ({ lab }) => {
  const node = await nodeWith(lab, forgetful('bridge'), { ...bridgeOf(1), type: 'odd', ipMasq: true });
  expect(await dryRun(node)).toMatchObject([
    { reason: 'leaked', message: expect.stringMatching(/(?=.*reservation)(?=.*CNI-)/) },
  ]);
  plugin(node, 'odd', forgetful('firewall'));
  configure(node, [bridgeOf(1), { type: 'odd', backend: 'iptables' }]);
  expect(await dryRun(node)).toMatchObject([{ reason: 'leaked', message: expect.stringContaining('CNI-FORWARD') }]);
  plugin(node, 'odd', forgetful('bandwidth'));
  configure(node, [
    bridgeOf(1),
    { type: 'odd', ingressRate: 1e9, ingressBurst: 1e9, egressRate: 1e9, egressBurst: 1e9 },
  ]);
  expect(await dryRun(node)).toMatchObject([{ reason: 'leaked', message: expect.stringContaining('interface bwp') }]);
});

labTest('a plugin leaves what leads to no pod: it is told, and stays', async ({ lab }) => {
  const anonymous = 'ip route add 203.0.113.0/24 dev eth0; iptables -t nat -A POSTROUTING -s 203.0.113.1 -j RETURN';
  const node = await nodeWith(lab, at('ADD', anonymous));
  await node.sh('iptables -t nat -A POSTROUTING -s 192.0.2.1 -j RETURN');
  const { checks, verdict } = await node.check(...DRY_RUN);
  expect(verdict).toBe('unknown');
  const found = checks.flatMap(({ findings }) => findings).find(({ reason }) => reason === 'left-unclear');
  expect(found?.message).toContain(
    'route 203.0.113.0/24 dev eth0 metric 0, rule table ip nat chain POSTROUTING, a rule.',
  );
  expect(await node.sh('ip route show 203.0.113.0/24')).not.toBe('');
});

labTest('the range of addresses is used up', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  const bridge = bridgeOf(1);
  const ranges = (from: number, to: number) => [
    [{ subnet: '10.244.1.0/24', rangeStart: `10.244.1.${from}`, rangeEnd: `10.244.1.${to}` }],
  ];
  configure(node, [{ ...bridge, ipam: { type: 'host-local', ranges: ranges(5, 6) } }]);
  const twoPods = ['--only', 'pods/same-node', '--pods', 'throw-away'];
  expect(await dryRun(node, ...twoPods)).toEqual([]);
  configure(node, [{ ...bridge, ipam: { type: 'host-local', ranges: ranges(5, 5) } }]);
  expect(await dryRun(node)).toEqual([]);
  expect(await dryRun(node, ...twoPods)).toMatchObject([
    {
      reason: 'add-failed',
      message: expect.stringContaining('no IP addresses available'),
      remedy: { text: expect.stringContaining('used up') },
    },
  ]);
});

labTest('a node with pods: what is theirs stays, whether there is an address left or not', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  await addPods(node, 1, 2);
  const reserved = '/var/lib/cni/networks/pods';
  for (const address of ['10.244.1.10', '10.244.1.11']) node.write(`${reserved}/${address}`, 'a-living-pod\r\neth0');
  node.write(`${reserved}/lock`, '');
  expect(complaints(await dryRunBeside(node))).toEqual([]);
  const range = [[{ subnet: '10.244.1.0/24', rangeStart: '10.244.1.10', rangeEnd: '10.244.1.11' }]];
  configure(node, [{ ...bridgeOf(1), ipam: { type: 'host-local', ranges: range } }]);
  expect(complaints(await dryRunBeside(node))).toMatchObject([{ reason: 'add-failed' }]);
});

/** host-local notes which address was last: that is not put back, since pods that come meanwhile go by it. */
async function dryRunBeside(node: Host): Promise<Finding[]> {
  const state = async () => (await node.state()).replace(/^.*\/last_reserved_ip\.0 .*\n/m, '');
  const before = await state();
  const { checks } = await node.check(...DRY_RUN);
  expect(await state()).toBe(before);
  return checks.flatMap(({ findings }) => findings);
}

labTest('two dry runs at once: both go well, one after the other', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  const before = await node.state();
  const found = await Promise.all([1, 2, 3].map(() => node.check('--only', 'cni/dry-run')));
  expect(found.map(({ verdict }) => verdict)).toEqual(['ready', 'ready', 'ready']);
  expect(await node.state()).toBe(before);
});

labTest('an add-on that has to be told of a real pod', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  for (const type of ['calico', 'cilium-cni']) {
    plugin(node, type, 'touch /run/was-run');
    configure(node, [{ type }]);
    const [finding] = await tried([node], ...DRY_RUN);
    expect(finding).toMatchObject({ status: 'skip', reason: 'needs-real-pod' });
    expect(finding?.message).toContain(type);
    expect(finding?.message).toContain('--pods existing');
  }
});

labTest('no network yet, and one that is broken', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  node.write(`${CONF_DIR}/10-pods.conflist`, '{ "cniVersion": "1.0.0", "name": "pods", ');
  expect(await tried([node], ...DRY_RUN)).toMatchObject([{ status: 'unknown', reason: 'broken-network' }]);
  await node.sh(`rm ${CONF_DIR}/10-pods.conflist`);
  expect(await tried([node], ...DRY_RUN)).toMatchObject([{ status: 'skip', reason: 'no-network' }]);
});

labTest('without root nothing is tried', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  const nobody = node.via('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups');
  const [finding] = await tried([nobody], ...DRY_RUN);
  expect(finding).toMatchObject({ status: 'unknown', reason: 'fact-denied' });
  expect(finding?.message).toContain('root');
});

for (const [program, from] of [
  ['unshare', 'util-linux'],
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
] as const)
  labTest(`${program} is not there: it is named, with its package`, async ({ lab }) => {
    const [node] = await makeNodes(lab, 1);
    if (node === undefined) return;
    if (program === 'nft') configure(node, [{ ...bridgeOf(1), ipMasq: true }]);
    const before = await node.state();
    // What is not executable is not there.
    const file = (await node.sh(`readlink -f $(command -v ${program})`)).trim();
    await node.sh(`mount --bind /dev/null ${file}`);
    const { checks } = await node.check(...DRY_RUN);
    await node.sh(`umount ${file}`);
    const [finding] = checks.flatMap(({ findings }) => findings);
    expect(finding).toMatchObject({ status: 'unknown', reason: 'fact-missing' });
    expect(finding?.message).toContain(`${program} (${from})`);
    expect(await node.state()).toBe(before);
  });

labTest('nsenter is not there: existing pods cannot be entered', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  await addPods(node, 1, 2);
  const file = (await node.sh('readlink -f $(command -v nsenter)')).trim();
  await node.sh(`mount --bind /dev/null ${file}`);
  const { checks } = await node.check('--only', 'pods/same-node', '--pods', 'existing');
  await node.sh(`umount ${file}`);
  const [finding] = checks.flatMap(({ findings }) => findings);
  expect(finding?.status).toBe('unknown');
  expect(finding?.message).toMatch(/nsenter.*util-linux/);
});
