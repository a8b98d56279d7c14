import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { reportSchema, type Finding } from '../../src/report/schema.ts';
import { complaints, labTest, TOKEN_FILE, type Host } from './lab.ts';
import { BIN_DIR, bridgeOf, configure, listenWithPods, makeNodes, peersOf } from './pods.ts';
import { reasons } from './reach.ts';

/** With two pods. */
const DRY_RUN = [
  '--only',
  'cni/dry-run',
  '--only',
  'pods/same-node',
  '--pods',
  'throw-away',
  '--timeout',
  '3s',
] as const;

/** The CLI, and a signal for it once it is where the condition says. */
function signalled(host: Host, signal: string, condition: string): Host {
  return host.via(
    'sh',
    '-c',
    `"$0" "$@" & pid=$!; until ${condition} || ! kill -0 $pid; do sleep 0.01; done; kill -${signal} $pid; wait $pid`,
  );
}

/** At ADD or DEL it takes a while, and says where it is. */
const slow = (verb: string) =>
  `#!/bin/sh\n[ $CNI_COMMAND != ${verb} ] || { touch /run/at-${verb}; sleep 1; }\nexec ${BIN_DIR}/bridge\n`;

const MOMENTS: Readonly<Record<string, string>> = {
  'before ADD': '[ -n "$(ls /run/seaworthy 2>/dev/null)" ]',
  'in ADD': '[ -e /run/at-ADD ]',
  'while packets are sent': '[ -e /sys/class/net/cni0 ] && [ "$(ls /var/lib/cni/networks/pods | grep -c 10.244)" = 2 ]',
  'in DEL': '[ -e /run/at-DEL ]',
};

/** But for the notes that the plugin makes. */
async function stateOf(node: Host): Promise<string> {
  return (await node.state()).replace(/^run\/at-.*\n/gm, '');
}

for (const [moment, condition] of Object.entries(MOMENTS))
  labTest(`a dry run is killed ${moment}: within 20 s all is put back, and the next one goes well`, async ({ lab }) => {
    const [node] = await makeNodes(lab, 1);
    if (node === undefined) return;
    node.write(`${BIN_DIR}/slow`, slow(moment === 'in DEL' ? 'DEL' : 'ADD'), 0o755);
    configure(node, [{ ...bridgeOf(1), type: moment.startsWith('in ') ? 'slow' : 'bridge' }]);
    const before = await stateOf(node);
    expect(await signalled(node, 'KILL', condition).cli('check', ...DRY_RUN)).toMatchObject({ code: 137 });
    await expect.poll(() => stateOf(node), { timeout: 20_000, interval: 100 }).toBe(before);
    const { verdict } = await node.check(...DRY_RUN);
    expect(verdict).toBe('ready');
    expect(await stateOf(node)).toBe(before);
  });

labTest('a dry run alone is killed while its pod is got ready, before it is asked for', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  const before = await stateOf(node);
  const killed = signalled(node, 'KILL', MOMENTS['before ADD'] ?? '');
  expect(await killed.cli('check', '--only', 'cni/dry-run')).toMatchObject({ code: 137 });
  await expect.poll(() => stateOf(node), { timeout: 20_000, interval: 100 }).toBe(before);
});

labTest('a pod that was got ready and is not asked for is let go: no plugin is run for it', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  node.write(`${BIN_DIR}/noted`, `#!/bin/sh\necho >>/run/was-run\nexec ${BIN_DIR}/bridge\n`, 0o755);
  configure(node, [{ ...bridgeOf(1), type: 'noted' }]);
  const before = await node.state();
  const { checks } = await node.check('--only', 'cni/dry-run', '--role', 'etcd');
  expect(checks).toMatchObject([{ status: 'skip', findings: [{ reason: 'other-role' }] }]);
  expect(await node.state()).toBe(before);
  await node.check('--only', 'cni/dry-run');
  expect(await node.sh('rm /run/was-run && echo it was run')).toBe('it was run\n');
});

/** A kernel that does not tell its addresses for as long as a file is there. */
const DEAF = `
const os = require('node:os');
const told = os.networkInterfaces;
os.networkInterfaces = () => {
  if (require('node:fs').existsSync('/run/deaf')) throw Object.assign(new Error('no buffers'), { code: 'ENOBUFS' });
  return told();
};
`;
const FROM_SOURCES = fileURLToPath(new URL('../../tools/dev.ts', import.meta.url));

labTest(
  'a run that breaks while its pod is got ready lets go of it: the next one of serve has one',
  async ({ lab }) => {
    const [node] = await makeNodes(lab, 1);
    if (node === undefined) return;
    const before = await stateOf(node);
    node.write('/run/deaf.cjs', DEAF);
    node.write('/run/deaf', '');
    const serve = `${process.execPath} --require /run/deaf.cjs ${FROM_SOURCES} serve --only cni/dry-run --interval 1s --timeout 3s`;
    const report = await node.sh(`
    ${serve} 2>/run/said & pid=$!
    timeout 60 sh -c 'until grep -q "this run broke" /run/said; do sleep 0.1; done'
    rm /run/deaf
    timeout 60 sh -c 'until curl -sfo /run/report http://127.0.0.1:10778/report.json; do sleep 0.1; done'
    kill $pid && wait $pid
    cat /run/report; rm /run/deaf.cjs /run/said /run/report`);
    expect(reportSchema.parse(JSON.parse(report))).toMatchObject({ verdict: 'ready', run: { command: 'serve' } });
    expect(await stateOf(node)).toBe(before);
  },
);

labTest('a dry run is killed, and another one begun at once', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  const before = await stateOf(node);
  await signalled(node, 'KILL', MOMENTS['while packets are sent'] ?? '').cli('check', ...DRY_RUN);
  const { verdict } = await node.check(...DRY_RUN);
  expect(verdict).toBe('ready');
  await expect.poll(() => stateOf(node), { timeout: 20_000, interval: 100 }).toBe(before);
});

/** Has the pods of the machine for itself, as a run of seaworthy has, until it is killed. */
const ANOTHER = `require('node:net').createServer().listen('\\0seaworthy-pods-0123456789abcdef', () => require('node:fs').writeFileSync('/run/at-lock', String(process.pid)))`;

labTest('a guardian that has to wait holds no namespace: what stood in the bridge goes', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  const before = await stateOf(node);
  const plugged = async () => /veth/.test(await node.sh('ls /sys/class/net/cni0/brif'));
  node.write('/run/another.cjs', ANOTHER);
  const another = `{ ${process.execPath} /run/another.cjs </dev/null >/dev/null 2>&1 & until [ -e /run/at-lock ]; do sleep 0.01; done; }`;
  await signalled(node, 'KILL', `{ ${MOMENTS['while packets are sent']} && ${another}; }`).cli('check', ...DRY_RUN);
  await expect.poll(plugged, { timeout: 10_000 }).toBe(false);
  // Nothing was undone yet: whoever is before it has the lock.
  expect(await node.sh('ls /run/seaworthy')).toContain('.json');
  await node.sh('kill $(cat /run/at-lock); rm /run/another.cjs');
  await expect.poll(() => stateOf(node), { timeout: 20_000, interval: 100 }).toBe(before);
});

labTest('killed with its guardian: the next run puts back what was left', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  const before = await stateOf(node);
  const guardians = `ps -eo pid,args | awk -v ns="$(readlink /proc/self/ns/uts)" '/pods-recover/ && !/awk/ {print $1}' | while read pid; do [ "$(readlink /proc/$pid/ns/uts)" != "$(readlink /proc/self/ns/uts)" ] || kill -KILL $pid; done`;
  const starter = `"$0" "$@" & pid=$!; until ${MOMENTS['while packets are sent']} || ! kill -0 $pid; do sleep 0.01; done; ${guardians}; kill -KILL $pid; wait $pid`;
  expect(await node.via('sh', '-c', starter).cli('check', ...DRY_RUN)).toMatchObject({ code: 137 });
  // Nobody is there to do it.
  expect(await node.sh('ls /run/seaworthy; cat /sys/class/net/cni0/operstate')).toContain('.json');
  const report = await node.check(...DRY_RUN);
  expect(report.verdict).toBe('ready');
  expect(await stateOf(node)).toBe(before);
});

for (const [signal, code] of [
  ['INT', 130],
  ['TERM', 143],
] as const)
  for (const moment of ['in ADD', 'while packets are sent'] as const)
    labTest(`SIG${signal} ${moment}: everything is put back before it ends`, async ({ lab }) => {
      const [node] = await makeNodes(lab, 1);
      if (node === undefined) return;
      node.write(`${BIN_DIR}/slow`, slow('ADD'), 0o755);
      configure(node, [{ ...bridgeOf(1), type: moment === 'in ADD' ? 'slow' : 'bridge' }]);
      const before = await stateOf(node);
      const ended = await signalled(node, signal, MOMENTS[moment] ?? '').cli('check', '--json', ...DRY_RUN);
      expect(ended.code).toBe(code);
      const found = findingsIn(ended.stdout);
      expect(found.filter(({ status }) => status === 'fail')).toEqual([]);
      expect(await stateOf(node)).toBe(before);
    });

function findingsIn(stdout: string): Finding[] {
  return reportSchema.parse(JSON.parse(stdout)).checks.flatMap(({ findings }) => findings);
}

const ACROSS = ['--only', 'pods/cross-node', '--pods', 'throw-away', '--token-file', TOKEN_FILE] as const;
const HAS_PODS = 'until [ -e /sys/class/net/cni0 ]; do sleep 0.01; done';

labTest('a peer is killed while it has pods: nobody is accused, and it is put back', async ({ lab }) => {
  const nodes = await makeNodes(lab, 2);
  const [own, peer] = nodes;
  if (own === undefined || peer === undefined) return;
  const [before, ownBefore] = [await peer.state(), await own.state()];
  const child = await peer.peer('--node-ip', '10.77.0.2', '--pods', 'throw-away');
  const checking = own.cli('check', '--json', ...ACROSS, ...peersOf(nodes));
  await peer.sh(HAS_PODS);
  child.kill('SIGKILL');
  const { stdout } = await checking;
  const found = findingsIn(stdout);
  expect(found.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(complaints(found)).not.toEqual([]);
  await expect.poll(() => peer.state(), { timeout: 20_000, interval: 100 }).toBe(before);
  expect(await own.state()).toBe(ownBefore);
});

labTest('a peer is told to end while it has pods: it puts back, and ends with 0', async ({ lab }) => {
  const nodes = await makeNodes(lab, 2);
  const [own, peer] = nodes;
  if (own === undefined || peer === undefined) return;
  const [before, ownBefore] = [await peer.state(), await own.state()];
  const child = await peer.peer('--node-ip', '10.77.0.2', '--pods', 'throw-away');
  const ended = once(child, 'exit');
  const checking = own.cli('check', '--json', ...ACROSS, ...peersOf(nodes));
  await peer.sh(HAS_PODS);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await peer.state()).toBe(before);
  expect(findingsIn((await checking).stdout).filter(({ status }) => status === 'fail')).toEqual([]);
  expect(await own.state()).toBe(ownBefore);
});

labTest('whoever conducts is killed: its own pods and those of peers go', async ({ lab }) => {
  const nodes = await makeNodes(lab, 2);
  const [own, peer] = nodes;
  if (own === undefined || peer === undefined) return;
  await listenWithPods([peer]);
  const before = [await own.state(), await peer.state()];
  const starter = signalled(own, 'KILL', '[ -e /sys/class/net/cni0 ]');
  expect(await starter.cli('check', ...ACROSS, ...peersOf(nodes))).toMatchObject({ code: 137 });
  await expect
    .poll(async () => [await own.state(), await peer.state()], { timeout: 25_000, interval: 200 })
    .toEqual(before);
});

labTest('a peer that was not told to let pods take part, or other ones', async ({ lab }) => {
  const nodes = await makeNodes(lab, 3);
  const [own, second, third] = nodes;
  if (own === undefined || second === undefined || third === undefined) return;
  await second.peer('--node-ip', '10.77.0.2');
  await listenWithPods([third], 'existing');
  const before = await Promise.all(nodes.map((node) => node.state()));
  const { stdout } = await own.cli('check', '--json', ...ACROSS, ...peersOf(nodes));
  const found = findingsIn(stdout);
  expect(reasons(found)).toEqual({ 'n2 pods': 'not-allowed', 'n3 pods': 'not-allowed' });
  expect(found[0]?.message).toContain('--pods throw-away');
  expect(await Promise.all(nodes.map((node) => node.state()))).toEqual(before);
});

labTest('two runs at once want pods of one peer, and of each other', async ({ lab }) => {
  const nodes = await makeNodes(lab, 3);
  const [first, second, third] = nodes;
  if (first === undefined || second === undefined || third === undefined) return;
  await listenWithPods(nodes);
  const before = await Promise.all(nodes.map((node) => node.state()));
  const run = async (...members: readonly Host[]) => {
    const [own] = members;
    const { stdout } = (await own?.cli('check', '--json', ...ACROSS, ...peersOf(members))) ?? { stdout: '' };
    return complaints(findingsIn(stdout));
  };
  expect(await Promise.all([run(first, second), run(third, second)])).toEqual([[], []]);
  // All ask the machines in one order: whoever comes second waits for the first.
  const everyone = await Promise.all([run(first, second, third), run(second, third, first), run(third, first, second)]);
  expect(everyone).toEqual([[], [], []]);
  await expect.poll(() => Promise.all(nodes.map((node) => node.state())), { timeout: 20_000 }).toEqual(before);
});
