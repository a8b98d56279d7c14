import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import * as z from 'zod';
import { podsSchema } from '../../src/peers/messages/pods-schema.ts';
import { labTest, type Host } from './lab.ts';

const DRIVER = `${process.execPath} --disable-warning=ExperimentalWarning ${join(import.meta.dirname, 'pods-driver.ts')}`;

const schema = podsSchema().extend({ usable: z.number() });
type Told = z.infer<typeof schema>;

const id = randomBytes(3).toString('hex');

function network(host: Host, ...plugins: readonly object[]): void {
  host.write('/etc/cni/net.d/10-lab.conflist', JSON.stringify({ cniVersion: '1.0.0', name: `lab-${id}`, plugins }));
}

const ranges = (...subnets: string[]) => ({ type: 'host-local', ranges: subnets.map((subnet) => [{ subnet }]) });
const bridge = { type: 'bridge', bridge: `sw${id}`, isGateway: true, ipMasq: true };
const ipv4 = { ...ranges('10.99.7.0/24'), routes: [{ dst: '0.0.0.0/0' }] };
const ipv6 = { ...ranges('fd00:99::/64'), routes: [{ dst: '::/0' }] };

const HANGS_AT_ADD =
  '#!/bin/sh\n[ "$CNI_COMMAND" = ADD ] || exit 0\nsetsid sleep 1000 &\n[ -d /run/adding ] || mkdir /run/adding\nsleep 1000\n';

/** What is known when the pods are there, and in the end. */
async function pods(host: Host, count = 2, timeoutMs = 5_000, abortMs = 0): Promise<[opened: Told, closed: Told]> {
  const lines = (await host.sh(`${DRIVER} open ${count} ${timeoutMs} 0 ${abortMs}`)).trim().split('\n');
  const [opened, closed] = lines.map((line) => schema.parse(JSON.parse(line)));
  if (opened === undefined || closed === undefined) throw new Error(lines.join('\n'));
  return [opened, closed];
}

labTest.for([
  [
    'a bridge, as most do it',
    [
      { ...bridge, ipam: ipv4 },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
    1,
  ],
  ['point to point', [{ type: 'ptp', ipMasq: true, ipam: ipv4 }], 1],
  ['a bridge with IPv6 alone', [{ ...bridge, ipMasq: false, ipam: ipv6 }], 1],
  [
    'a bridge with both families',
    [
      {
        ...bridge,
        ipam: { ...ranges('10.99.7.0/24', 'fd00:99::/64'), routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }] },
      },
    ],
    2,
  ],
] as const)('%s: pods come, and the host is as before', async ([, plugins, addresses], { lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  network(host, ...plugins);
  const before = await host.state();
  const [opened, closed] = await pods(host);
  expect(opened).toMatchObject({ none: null, usable: 2 });
  for (const pod of closed.pods) {
    expect(pod).toMatchObject({ interface: 'eth0', mtu: 1500, add: null, check: 'done', del: [], differences: [] });
    expect(pod.addresses).toHaveLength(addresses);
  }
  expect(closed.left).toEqual([]);
  expect(closed.putBack.map(({ what, name }) => `${what} ${name}`)).toContain(
    closed.pods[0]?.addresses[0]?.includes(':') === true
      ? 'sysctl net.ipv6.conf.all.forwarding'
      : 'sysctl net.ipv4.ip_forward',
  );
  expect(await host.state()).toBe(before);
});

labTest('a plugin that hangs is ended with all that it started', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  host.write('/opt/cni/bin/hangs', HANGS_AT_ADD, 0o755);
  network(host, { ...bridge, ipam: ipv4 }, { type: 'hangs' });
  const before = await host.state();
  const [opened, closed] = await pods(host, 1, 1_000);
  expect(opened).toMatchObject({ none: null, usable: 0, pods: [{ add: { plugin: 'hangs', kind: 'timed-out' } }] });
  expect(closed).toMatchObject({ left: [], pods: [{ check: null, del: [] }] });
  expect(await host.state()).toBe(before);
});

labTest('a plugin that hangs at DEL: it is ended, and its work is done without it', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  const hangs = '#!/bin/sh\n[ "$CNI_COMMAND" = DEL ] && sleep 1000\nexec /usr/lib/cni/bridge\n';
  host.write('/opt/cni/bin/hangs', hangs, 0o755);
  network(host, { ...bridge, type: 'hangs', ipam: ipv4 });
  const before = await host.state();
  const [, closed] = await pods(host, 1, 1_000);
  expect(closed.pods[0]).toMatchObject({ add: null, check: 'done', del: [{ plugin: 'hangs', kind: 'timed-out' }] });
  expect(closed.left.map(({ what }) => what)).toContain('reservation');
  expect(await host.state()).toBe(before);
});

labTest('interrupted in the middle of ADD: nobody is accused, and nothing stays', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  host.write('/opt/cni/bin/hangs', HANGS_AT_ADD, 0o755);
  network(host, { ...bridge, ipam: ipv4 }, { type: 'hangs' });
  const before = await host.state();
  const [, closed] = await pods(host, 1, 30_000, 3_000);
  expect(closed).toMatchObject({ none: { why: 'timeout' }, left: [], pods: [{ add: null, check: null, del: [] }] });
  expect(await host.state()).toBe(before);
});

labTest('a plugin that fails in the middle: those before it are undone, in its own words', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  const fails = `#!/bin/sh\n[ "$CNI_COMMAND" = DEL ] && exit 0\necho '{"cniVersion":"1.0.0","code":123,"msg":"no room left"}'\nexit 1\n`;
  host.write('/opt/cni/bin/fails', fails, 0o755);
  network(host, { ...bridge, ipam: ipv4 }, { type: 'fails' });
  const before = await host.state();
  const [, closed] = await pods(host);
  const add = { plugin: 'fails', kind: 'said', code: 123, message: 'no room left' };
  expect(closed).toMatchObject({ left: [], pods: [{ add }, { add }] });
  expect(await host.state()).toBe(before);
});

labTest('a plugin that leaks at DEL: what it left is told, and taken away', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  host.write('/opt/cni/bin/leaks', '#!/bin/sh\n[ "$CNI_COMMAND" = DEL ] && exit 0\nexec /usr/lib/cni/bridge\n', 0o755);
  network(host, { ...bridge, type: 'leaks', ipam: ipv4 });
  const before = await host.state();
  const [, closed] = await pods(host);
  expect(closed.pods.every(({ add, check, del }) => add === null && check === 'done' && del.length === 0)).toBe(true);
  expect(closed.left.filter(({ what }) => what === 'reservation')).toHaveLength(2);
  expect(await host.state()).toBe(before);
});

labTest('a range with one address: the second pod gets none', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  const one = [{ subnet: '10.99.7.0/24', rangeStart: '10.99.7.9', rangeEnd: '10.99.7.9' }];
  network(host, { ...bridge, ipam: { type: 'host-local', ranges: [one] } });
  const before = await host.state();
  const [opened, closed] = await pods(host);
  expect(opened.usable).toBe(1);
  const failed = closed.pods.flatMap(({ add }) => add ?? []);
  expect(failed).toMatchObject([{ plugin: 'bridge', kind: 'said' }]);
  expect(failed[0]?.message).toContain('no IP addresses available');
  expect(closed.left).toEqual([]);
  expect(await host.state()).toBe(before);
});

labTest('two at once take turns', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  network(host, { ...bridge, ipam: ipv4 });
  const before = await host.state();
  for (const [, closed] of await Promise.all([pods(host), pods(host)])) {
    expect(closed).toMatchObject({ none: null, usable: 2, left: [] });
    expect(closed.pods.every(({ del, check }) => del.length === 0 && check === 'done')).toBe(true);
  }
  expect(await host.state()).toBe(before);
});

labTest('a result that is not true is told', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  const lies = '#!/bin/sh\n/usr/lib/cni/bridge | sed "s,10.99.7.2/24,10.99.7.2/16,; s,0.0.0.0/0,10.0.0.0/8,"\n';
  host.write('/opt/cni/bin/lies', lies, 0o755);
  network(host, { ...bridge, type: 'lies', ipam: ipv4 });
  const [opened] = await pods(host, 1);
  expect(opened.pods[0]?.differences).toEqual([
    { what: 'address', claimed: '10.99.7.2/16', found: '10.99.7.2/24' },
    { what: 'route', claimed: '10.0.0.0/8', found: null },
  ]);
});

const SAID = '/run/said';

/** The driver, with pods that it holds; once they are there. */
async function holding(host: Host, ms = 60_000): Promise<number> {
  const pid = await host.sh(
    `${DRIVER} open 2 5000 ${ms} >${SAID} 2>&1 & pid=$!; until [ -s ${SAID} ]; do sleep 0.02; done; echo $pid`,
  );
  return Number(pid);
}

async function within(ms: number, done: () => Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(200)) if (await done()) return true;
  return false;
}

/** Processes of the host, or of pods that are made there, whose command lines match. */
async function matching(host: Host, pattern: string): Promise<number[]> {
  const found = await host.sh(
    `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline | grep -q '${pattern}' && [ "$(readlink $p/ns/uts)" = "$(readlink /proc/self/ns/uts)" ] && echo \${p#/proc/}; done 2>/dev/null; true`,
  );
  return found.split('\n').flatMap((pid) => (pid === '' ? [] : Number(pid)));
}

labTest('SIGKILL while pods are there: their guardian puts everything back', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  network(host, { ...bridge, ipam: ipv4 });
  const before = await host.state();
  const pid = await holding(host);
  expect(await host.state()).not.toBe(before);
  process.kill(pid, 'SIGKILL');
  await host.sh(`rm ${SAID}`);
  expect(await within(20_000, async () => (await host.state()) === before)).toBe(true);
});

labTest('SIGKILL in the middle of ADD: what the plugins started is ended too', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  host.write('/opt/cni/bin/hangs', HANGS_AT_ADD, 0o755);
  network(host, { ...bridge, ipam: ipv4 }, { type: 'hangs' });
  const before = await host.state();
  await host.sh(
    `${DRIVER} open 2 30000 0 >/dev/null 2>&1 & pid=$!; until [ -d /run/adding ]; do sleep 0.02; done; kill -KILL $pid`,
  );
  expect(await within(20_000, async () => (await host.state()) === before)).toBe(true);
});

labTest('SIGKILL of the guardian too: the next run puts everything back first', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  network(host, { ...bridge, ipam: ipv4 });
  const before = await host.state();
  const pid = await holding(host);
  const [guardian = 0, ...others] = await matching(host, 'read -r w[o]rd');
  expect(others).toEqual([]);
  process.kill(guardian, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  await host.sh(`rm ${SAID}`);
  expect(await within(5_000, async () => (await host.running()).length === 0)).toBe(true);
  expect(await host.state()).not.toBe(before);
  const [, closed] = await pods(host);
  expect(closed).toMatchObject({ none: null, usable: 2, left: [] });
  expect(await host.state()).toBe(before);
});

labTest('SIGKILL of an agent: its pod is undone all the same', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  network(host, { ...bridge, ipam: ipv4 });
  const before = await host.state();
  await holding(host, 10_000);
  const [agent = 0, ...others] = await matching(host, 'read -r n[o]thing');
  expect(others).toHaveLength(1);
  process.kill(agent, 'SIGKILL');
  expect(await within(20_000, async () => (await host.running()).length === 0)).toBe(true);
  const said = await host.sh(`cat ${SAID}; rm ${SAID}`);
  const closed = schema.parse(JSON.parse(said.trim().split('\n').at(-1) ?? ''));
  expect(closed).toMatchObject({ none: null, left: [] });
  expect(closed.pods.every(({ add, del }) => add === null && del.length === 0)).toBe(true);
  expect(await host.state()).toBe(before);
});
