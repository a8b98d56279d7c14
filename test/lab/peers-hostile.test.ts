import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { newToken } from '../../src/peers/token.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { labTest, TOKEN_FILE, type Host } from './lab.ts';
import { QUICK, reasons, rules, tried } from './reach.ts';

const LIAR = fileURLToPath(new URL('lying-coordinator.ts', import.meta.url));

async function listening(host: Host): Promise<string[]> {
  const ports = await host.sh(`ss -Htuln | awk '{print $5}' | sed 's/.*://' | sort -un`);
  return ports.trim().split('\n');
}

labTest('a wrong token: nothing is opened, and the run says that it is the token', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  await peer.peer('--role', 'control-plane');
  own.write(TOKEN_FILE, newToken(), 0o600);
  const args = ['check', '--json', ...QUICK, '--peer', '10.77.0.2', '--token-file', TOKEN_FILE] as const;
  const [before, { code, stdout }] = [await peer.state(), await own.cli(...args)];
  expect(code).toBe(3);
  const found = reportSchema.parse(JSON.parse(stdout)).checks.flatMap(({ findings }) => findings);
  expect(found).toMatchObject([{ reason: 'peer-unreachable', status: 'unknown' }]);
  expect(found[0]?.message).toContain('token');
  expect(await peer.state()).toBe(before);
});

labTest('whoever holds the token and lies gets nothing opened, and others are still served', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const liar = await lab.host('liar', '10.77.0.66/24');
  const stranger = await lab.host('stranger', '10.77.0.77/24');
  await peer.peer('--role', 'control-plane');
  await rules(stranger, { input: ['tcp dport 22 counter'] });
  const told = await liar.sh(`${process.execPath} ${LIAR} 10.77.0.2 10.77.0.66 ${TOKEN_FILE} 10.77.0.77`);

  // Catalogue: of the many only those of a control plane, and NodePorts as that plan has them.
  const refused = { opened: [expect.objectContaining({ listener: 'unavailable' })] };
  expect(JSON.parse(told)).toMatchObject({
    lowNodePorts: refused,
    port22: refused,
    loopbackComponent: refused,
    wildcard: refused,
    foreign: refused,
    many: { unavailable: 4_096 - 2, ours: 2 },
    tooMany: { error: expect.stringContaining('refused') as string },
    toStranger: { results: [{ kind: 'refused' }] },
    toNobody: { results: [{ kind: 'refused' }] },
    toOutside: { results: [{ kind: 'refused' }] },
    toLoopbackComponent: { results: [{ kind: 'refused' }] },
    toOtherPodPort: { results: [{ kind: 'refused' }] },
    toGroup: { results: [{ kind: 'refused' }] },
    endpoint: { results: [{ kind: 'refused' }] },
    otherRun: { error: expect.stringContaining('takes no part in that run') as string },
  });
  expect(await stranger.sh('nft list ruleset')).toContain('counter packets 0 bytes 0');
  const open = (await listening(peer)).map(Number);
  expect(open.filter((port) => port < 1_024)).toEqual([]);
  expect(reasonsOf(await tried([own], ...QUICK, '--peer', '10.77.0.2'))).toEqual(['open']);
});

labTest('1,000 idle connections and junk at the control port while a run goes on', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const crowd = await lab.host('crowd', '10.77.0.66/24');
  const { pid } = await peer.peer('--role', 'control-plane');
  await crowd.sh(`${process.execPath} -e '${CROWD}' > /dev/null 2>&1 & sleep 1`);
  const found = await tried([own], ...QUICK, '--only', 'ports/node-ports-reachable', '--peer', '10.77.0.2');
  expect(reasonsOf(found)).toEqual(['open']);
  expect(Number(await peer.sh(`ss -Htn state established sport = 10777 | wc -l`))).toBeGreaterThan(50);
  expect(Number(await peer.sh(`sed -n 's/^VmHWM:\\s*\\([0-9]*\\) kB/\\1/p' /proc/${pid}/status`))).toBeLessThan(
    200 * 1024,
  );
});

/** Keeps 1,000 connections, each of which says something now and then. */
const CROWD = `
  const { connect } = require("node:net");
  const { randomBytes } = require("node:crypto");
  const one = () => {
    const socket = connect(10777, "10.77.0.2", () => Math.random() < 0.5 && socket.write(randomBytes(200)));
    socket.on("error", () => {});
    socket.on("close", () => setTimeout(one, 500));
  };
  for (let count = 0; count < 1000; count++) one();
`;

labTest('two runs at once with one peer, each with a fault of its own', async ({ lab }) => {
  const one = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const other = await lab.host('cp3', '10.77.0.3/24');
  await peer.peer('--role', 'control-plane');
  await rules(peer, {
    input: ['ip saddr 10.77.0.1 tcp dport 10250 drop', 'ip saddr 10.77.0.3 tcp dport 6443 drop'],
    output: ['ip daddr 10.77.0.3 tcp sport 2379 drop'],
  });
  const before = await peer.state();
  const args = [...QUICK, '--peer', '10.77.0.2'] as const;
  const [first, second] = await Promise.all([tried([one], ...args), tried([other], ...args)]);
  const faults = (found: typeof first) => Object.entries(reasons(found)).filter(([, reason]) => reason !== 'open');
  expect(faults(first)).toEqual([['cp1→cp2 tcp/10250', 'request-lost']]);
  expect(faults(second)).toEqual([
    ['cp3→cp2 tcp/6443', 'request-lost'],
    ['cp3→cp2 tcp/2379', 'reply-lost'],
  ]);
  expect(await peer.state()).toBe(before);
});

function reasonsOf(found: readonly { reason: string }[]): string[] {
  return [...new Set(found.map(({ reason }) => reason))];
}
