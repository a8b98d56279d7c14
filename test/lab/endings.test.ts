import { expect } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { labTest, type Host } from './lab.ts';

/** The CLI, and a signal for it once it is where the condition says. */
function signalled(host: Host, signal: string, condition: string): Host {
  const script = `"$0" "$@" & pid=$!; until ${condition}; do sleep 0.02; done; kill -${signal} $pid; wait $pid`;
  return host.via('sh', '-c', script);
}

/** A network whose plugin never answers. */
function hang(host: Host): void {
  host.write('/etc/containerd/config.toml', 'version = 2\n');
  host.write(
    '/etc/cni/net.d/10-slow.conflist',
    JSON.stringify({ cniVersion: '1.0.0', name: 'slow', plugins: [{ type: 'slow' }] }),
  );
  host.write('/opt/cni/bin/slow', '#!/bin/sh\ntouch /run/started; sleep 600 & sleep 600\n', 0o755);
}

const CHECKS = ['--json', '--timeout', '30s', '--only', 'kernel/ip-forward', '--only', 'cni/plugins'] as const;

labTest.for([
  ['INT', 130],
  ['TERM', 143],
  ['HUP', 129],
] as const)('SIG%s while a plugin hangs: what was found, and no plugin left', async ([signal, code], { lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  hang(host);
  const result = await signalled(host, signal, '[ -e /run/started ]').cli('check', ...CHECKS);
  expect(result).toMatchObject({ code, stderr: '' });
  const report = reportSchema.parse(JSON.parse(result.stdout));
  expect(report.verdict).not.toBe('ready');
  expect(report.checks.map(({ id, findings: [finding] }) => [id, finding?.reason === 'interrupted'])).toEqual([
    ['cni/plugins', true],
    ['kernel/ip-forward', false],
  ]);
  expect(await host.running()).toEqual([]);
});

labTest('SIGINT while an endpoint drops', async ({ lab }) => {
  const server = await lab.host('cp1', '10.77.0.1/24');
  const host = await lab.host('w1', '10.77.0.2/24');
  await server.sh(`
    nft add table inet lab
    nft 'add chain inet lab in { type filter hook input priority 0; }'
    nft add rule inet lab in tcp dport 6443 drop`);
  const waiting = signalled(host, 'INT', 'ss -Htn state syn-sent | grep -q .');
  const endpoint = ['--role', 'worker', '--control-plane-endpoint', '10.77.0.1:6443', '--timeout', '30s'] as const;
  const result = await waiting.cli('check', '--json', '--only', 'control-plane/endpoint', ...endpoint);
  expect(result).toMatchObject({ code: 130, stderr: '' });
  const [check] = reportSchema.parse(JSON.parse(result.stdout)).checks;
  expect(check).toMatchObject({ status: 'unknown', findings: [{ reason: 'interrupted' }] });
});

labTest('the budget is spent while a plugin hangs', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  hang(host);
  const result = await host.cli('check', ...CHECKS, '--budget', '2s');
  const report = reportSchema.parse(JSON.parse(result.stdout));
  expect(report.checks[0]).toMatchObject({ status: 'unknown', findings: [{ reason: 'budget-spent' }] });
  expect(await host.running()).toEqual([]);
});

labTest('SIGKILL leaves no half-written file, and nothing of our own that runs', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  hang(host);
  await host.sh('mkdir /opt/saved');
  const saving = ['--save-facts', '/opt/saved/facts.json', '--output', 'json=/opt/saved/report.json'] as const;
  const result = await signalled(host, 'KILL', '[ -e /run/started ]').cli('check', ...CHECKS, ...saving);
  expect(result.code).toBe(137);
  expect(await host.sh('ls -A /opt/saved')).toBe('');
  expect((await host.running()).filter((command) => command.includes('main.js'))).toEqual([]);
});
