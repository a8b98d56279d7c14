import { expect } from 'vitest';
import { reportSchema, type Finding } from '../../src/report/schema.ts';
import { complaints, labTest, type Host } from './lab.ts';

const CHECKS = ['identity/machine-id', 'identity/hostname', 'network/mac-addresses', 'network/mtu'] as const;

/** Saves the facts of each host and compares them on the first; only what is said of both. */
async function compare(first: Host, second: Host): Promise<Finding[]> {
  const only = CHECKS.flatMap((check) => ['--only', check]);
  for (const [host, file] of [
    [first, '/run/first.json'],
    [second, '/run/second.json'],
  ] as const) {
    await host.check('--save-facts', file, ...only);
    first.write(file, await host.sh(`cat ${file}`));
  }
  const before = await first.state();
  const { stdout } = await first.cli('compare', '/run/first.json', '/run/second.json', '--json', ...only);
  expect(await first.state()).toBe(before);
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report.coverage.nodes).toBe(2);
  return report.checks.flatMap(({ findings }) => findings).filter(({ nodes }) => nodes.length === 2);
}

async function machine(host: Host, machineId: string): Promise<Host> {
  host.write('/etc/machine-id', `${machineId}\n`);
  // A resolver that refuses at once, where one that is not there would be waited for.
  host.write('/etc/resolv.conf', 'nameserver 127.0.0.53\n');
  await host.sh('ip route add default via 10.77.0.254');
  return host;
}

labTest('two machines of their own', async ({ lab }) => {
  const first = await machine(await lab.host('w1', '10.77.0.1/24'), '1'.repeat(32));
  const second = await machine(await lab.host('w2', '10.77.0.2/24'), '2'.repeat(32));
  expect(complaints(await compare(first, second))).toEqual([]);
});

labTest('clones: each duplicate names both', async ({ lab }) => {
  const machineId = 'c'.repeat(32);
  const first = await machine(await lab.host('w1', '10.77.0.1/24'), machineId);
  const second = await machine(await lab.host('w2', '10.77.0.2/24'), machineId);
  await second.sh('ip link set dev eth0 mtu 1400');
  for (const host of [first, second]) await host.sh('ip link set dev eth0 address 02:77:00:00:00:0c');
  expect(complaints(await compare(first, second))).toMatchObject([
    { check: 'identity/machine-id', nodes: ['w1', 'w2'], subject: machineId, status: 'fail', reason: 'duplicate' },
    {
      check: 'network/mac-addresses',
      nodes: ['w1', 'w2'],
      subject: '02:77:00:00:00:0c',
      status: 'fail',
      reason: 'duplicate-mac',
    },
    { check: 'network/mtu', nodes: ['w1', 'w2'], status: 'warn', reason: 'mismatch', actual: '1400, 1500' },
  ]);
  await second.sh('hostname W1');
  const [duplicate] = (await compare(first, second)).filter(({ check }) => check === 'identity/hostname');
  expect(duplicate).toMatchObject({ subject: 'w1', status: 'fail', reason: 'duplicate' });
  expect(new Set(duplicate?.nodes).size).toBe(2);
});
