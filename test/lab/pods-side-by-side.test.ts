import { expect } from 'vitest';
import type { Finding } from '../../src/report/schema.ts';
import { complaints, labTest, type Host } from './lab.ts';
import { BIN_DIR, bridgeOf, configure, makeNodes } from './pods.ts';

/** Two pods: a runtime calls plugins for several at a time, and so do we. */
const TWO_PODS = ['--only', 'cni/dry-run', '--only', 'pods/same-node', '--pods', 'throw-away'];

async function twoPods(node: Host, timeout = '30s'): Promise<Finding[]> {
  const { checks } = await node.check(...TWO_PODS, '--timeout', timeout);
  return complaints(checks.flatMap(({ findings }) => findings));
}

/** A plugin at the end of a chain that does well, but for what it does before; each of its calls is noted. */
const plugin = (before: string) => `#!/bin/sh
input=$(cat)
[ $CNI_COMMAND = VERSION ] || echo $CNI_COMMAND >>/run/asked
${before}
case $CNI_COMMAND in
  ADD) node -e 'process.stdout.write(JSON.stringify(JSON.parse(process.argv[1]).prevResult))' "$input" ;;
  VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}' ;;
esac
`;

const fails = (message: string) => `{ echo '{"cniVersion":"1.0.0","code":999,"msg":"${message}"}'; exit 1; }`;

/** Of two at once the first waits until the other one has lost, and has noted that in this file; at most ten seconds. */
const untilLost = (file: string) => `tries=0; until [ -e ${file} ] || [ $((tries += 1)) -gt 200 ]; do sleep 0.05; done`;

/** iptables, whose own race of a few microseconds is made to last: of two that make a chain at once the later one loses, in these words. */
const IPTABLES = `#!/bin/sh
case " $* " in *" -N "*)
  if ! mkdir /run/slow/busy 2>/dev/null; then
    echo $4 >>/run/slow/lost
    echo "iptables (nf_tables): CHAIN_ADD failed (File exists): chain $4" >&2
    exit 4
  fi
  ${untilLost('/run/slow/lost')}
  rmdir /run/slow/busy ;;
esac
exec /usr/sbin/iptables "$@"
`;

labTest('firewall of the reference plugins loses a race with itself: that is no fault of the node', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  configure(node, [bridgeOf(1), { type: 'firewall' }]);
  node.write('/run/slow/iptables', IPTABLES, 0o755);
  const before = await node.state();
  // Its chains are made anew each time.
  for (const starter of [[], [], ['env', `PATH=/run/slow:${process.env['PATH']}`]])
    expect(await twoPods(node.via(...starter))).toEqual([]);
  expect(await node.sh('cat /run/slow/lost; rm /run/slow/lost')).toMatch(/^CNI-/);
  expect(await node.state()).toBe(before);
});

for (const verb of ['ADD', 'CHECK', 'DEL'])
  labTest(`a plugin that fails at ${verb} when two run at once: what it does alone counts`, async ({ lab }) => {
    const [node] = await makeNodes(lab, 1);
    if (node === undefined) return;
    const refuses = `{ echo >>/run/lost; ${fails('Chain already exists')}; }`;
    const races = `if [ $CNI_COMMAND = ${verb} ]; then mkdir /run/racing 2>/dev/null || ${refuses}; ${untilLost('/run/lost')}; rmdir /run/racing; fi`;
    node.write(`${BIN_DIR}/racing`, plugin(races), 0o755);
    configure(node, [bridgeOf(1), { type: 'racing' }]);
    expect(await twoPods(node)).toEqual([]);
    expect(await node.sh('wc -l </run/lost')).toBe('1\n');
  });

labTest('a plugin that always fails is asked twice for each pod, and says its own words', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  node.write(`${BIN_DIR}/broken`, plugin(`[ $CNI_COMMAND != ADD ] || ${fails('the sea is rough')}`), 0o755);
  configure(node, [bridgeOf(1), { type: 'broken' }]);
  expect(await twoPods(node)).toMatchObject([
    { reason: 'add-failed', message: expect.stringContaining('the sea is rough'), evidence: { calls: [{}, {}] } },
    { reason: 'pod-failed' },
  ]);
  expect(await node.sh('sort /run/asked | uniq -c | tr -s " "')).toBe(' 4 ADD\n 4 DEL\n');
});

labTest('a plugin that hangs is not asked again', async ({ lab }) => {
  const [node] = await makeNodes(lab, 1);
  if (node === undefined) return;
  node.write(`${BIN_DIR}/hanging`, plugin('[ $CNI_COMMAND != ADD ] || exec sleep 7217'), 0o755);
  configure(node, [bridgeOf(1), { type: 'hanging' }]);
  expect(await twoPods(node, '3s')).toMatchObject([{ reason: 'timed-out', subject: 'ADD' }, { reason: 'pod-failed' }]);
  expect(await node.sh('sort /run/asked | uniq -c | tr -s " "')).toBe(' 2 ADD\n 2 DEL\n');
});
