import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { makeAuthority, type Authority, type KeyPair } from '../authority.ts';
import { configMap, pinOf } from '../cluster-info.ts';
import { about, complaints, labTest, type Host, type Lab } from './lab.ts';

const ENDPOINT = '10.77.0.1:6443';
const DROP = `
nft add table inet lab
nft 'add chain inet lab in { type filter hook input priority 0; }'
nft add rule inet lab in tcp dport 6443 drop`;
const ID = 'abcdef';
const SECRET = '0123456789abcdef';

let kubernetes: Authority;
let stranger: Authority;
let tls: KeyPair;

beforeAll(() => {
  kubernetes = makeAuthority('kubernetes');
  stranger = makeAuthority('stranger');
  tls = kubernetes.issue('kube-apiserver', 'IP:10.77.0.1,DNS:api.example');
});
afterAll(() => {
  for (const { directory } of [kubernetes, stranger]) rmSync(directory, { recursive: true });
});

async function twoHosts(lab: Lab): Promise<{ server: Host; worker: Host }> {
  const server = await lab.host('cp1', '10.77.0.1/24', '10.77.0.11/24');
  return { server, worker: await lab.host('w1', '10.77.0.2/24') };
}

const ask = (host: Host, endpoint = ENDPOINT) =>
  host.findings('control-plane/endpoint', '--role', 'worker', '--timeout', '1s', '--control-plane-endpoint', endpoint);

labTest('an endpoint that refuses, drops, speaks no TLS, and one that is right', async ({ lab }) => {
  const { server, worker } = await twoHosts(lab);
  const failure = async (reason: string, actual: string) =>
    expect(await ask(worker), reason).toMatchObject([
      { subject: ENDPOINT, status: 'fail', reason, actual, evidence: { address: '10.77.0.1' } },
    ]);
  await failure('refused', 'ECONNREFUSED from 10.77.0.1');
  await server.sh(DROP);
  await failure('timed-out', 'ETIMEDOUT from 10.77.0.1');
  await server.sh('nft delete table inet lab');
  await server.listen('nginx', 6443, { address: '10.77.0.11' });
  await server.listen('kube-apiserver', 6443, { address: '10.77.0.1', tls });
  const good = await ask(worker);
  expect(good.map(({ reason, status }) => [reason, status])).toEqual([
    ['reachable', 'pass'],
    ['certificate-valid', 'pass'],
  ]);
  expect(await ask(worker, '10.77.0.11:6443')).toMatchObject([{ status: 'fail', reason: 'not-tls' }]);
  expect(await ask(worker, '192.0.2.1:6443')).toMatchObject([{ status: 'fail', reason: 'unreachable' }]);
});

labTest('an endpoint by name: unknown, with an address that is dead, with another certificate', async ({ lab }) => {
  const { server, worker } = await twoHosts(lab);
  await server.listen('kube-apiserver', 6443, { address: '10.77.0.1', tls });
  worker.write('/etc/resolv.conf', 'nameserver 10.77.0.1\n');
  worker.write('/etc/hosts', '10.77.0.1 api.example other.example\n10.77.0.11 api.example\n');
  expect(complaints(await ask(worker, 'api.example:6443'))).toMatchObject([
    {
      subject: 'api.example:6443',
      status: 'warn',
      reason: 'partly-reachable',
      evidence: { addresses: ['10.77.0.1'], lost: [{ address: '10.77.0.11', code: 'ECONNREFUSED' }] },
    },
  ]);
  expect(complaints(await ask(worker, 'other.example:6443'))).toMatchObject([
    { subject: 'certificate of 10.77.0.1', status: 'fail', reason: 'name-mismatch', expected: 'other.example' },
  ]);
  // The resolver that is asked is dead: nothing is known of the name. Without it, the name is wrong.
  expect(await ask(worker, 'nowhere.example:6443')).toMatchObject([{ status: 'unknown', reason: 'resolver-silent' }]);
  worker.write('/etc/nsswitch.conf', 'hosts: files\n');
  expect(await ask(worker, 'nowhere.example:6443')).toMatchObject([{ status: 'fail', reason: 'unresolved' }]);
});

labTest('before the first init nothing needs to answer', async ({ lab }) => {
  const { worker } = await twoHosts(lab);
  const args = ['--role', 'control-plane', '--control-plane-endpoint', ENDPOINT] as const;
  expect(await worker.findings('control-plane/endpoint', ...args)).toMatchObject([
    { status: 'skip', reason: 'not-yet-served' },
  ]);
});

const line = (secret: string, pin: string) =>
  `kubeadm join ${ENDPOINT} --token ${ID}.${secret} --discovery-token-ca-cert-hash ${pin}`;

labTest('a line that is right, with another pin, with another secret; no token in any output', async ({ lab }) => {
  const { server, worker } = await twoHosts(lab);
  await server.listen('kube-apiserver', 6443, {
    tls,
    body: configMap(kubernetes.cert, { [ID]: SECRET }, `https://${ENDPOINT}`),
  });
  const join = (...args: Parameters<typeof line>) =>
    worker.findings('control-plane/join-command', '--join', line(...args));
  const good = await join(SECRET, pinOf(kubernetes));
  expect(good.map(({ subject, reason, status }) => [subject, reason, status])).toEqual([
    ['CA', 'pin-matches', 'pass'],
    ['server', 'server-verified', 'pass'],
    ['token', 'token-signed', 'pass'],
  ]);
  expect(complaints(await join(SECRET, pinOf(stranger)))).toMatchObject([
    {
      subject: 'CA',
      status: 'fail',
      reason: 'pin-mismatch',
      expected: pinOf(stranger),
      actual: pinOf(kubernetes),
      remedy: { commands: ['kubeadm token create --print-join-command'] },
    },
  ]);
  const wrong = 'f'.repeat(16);
  expect(about(await join(wrong, pinOf(kubernetes)), 'token')).toMatchObject({
    status: 'fail',
    reason: 'token-rejected',
  });

  for (const [secret, pin] of [
    [SECRET, pinOf(kubernetes)],
    [SECRET, pinOf(stranger)],
    [wrong, pinOf(kubernetes)],
  ] as const) {
    const only = ['--only', 'control-plane', '--only', 'network/proxy', '--join', line(secret, pin)];
    const outputs = await Promise.all([
      worker.cli('check', '--verbose', '--save-facts', '/run/facts.json', ...only),
      worker.cli('check', '--json', ...only),
      worker.cli('facts', '--join', line(secret, pin)),
      worker.cli('config', '--join', line(secret, pin)),
      worker.cli('check', '--no-such-option', '--join', line(secret, pin)),
      worker.cli('check', '--join', `${line(secret, pin)} --no-such-flag`),
    ]);
    const saved = await worker.sh('cat /run/facts.json');
    expect(saved).toContain(ENDPOINT);
    for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toBe('');
    expect(JSON.stringify([outputs, saved])).not.toContain(secret);
  }
});

labTest('a line for a server of another CA, and for what is no API server', async ({ lab }) => {
  const { server, worker } = await twoHosts(lab);
  const impostor = stranger.issue('proxy', 'IP:10.77.0.1');
  const body = configMap(kubernetes.cert, { [ID]: SECRET }, `https://${ENDPOINT}`);
  const intercepting = await server.listen('squid', 6443, { tls: impostor, body });
  const join = () => worker.findings('control-plane/join-command', '--join', line(SECRET, pinOf(kubernetes)));
  expect(complaints(await join())).toMatchObject([{ subject: 'server', status: 'fail', reason: 'server-mismatch' }]);
  await stop(server, intercepting.pid);
  expect(complaints(await join())).toMatchObject([{ status: 'unknown', reason: 'unreachable' }]);
  const plain = await server.listen('nginx', 6443, { body });
  expect(complaints(await join())).toMatchObject([{ status: 'fail', reason: 'not-an-api-server' }]);
  await stop(server, plain.pid);
  await server.listen('kube-apiserver', 6443, { tls, status: 403, body: '{}' });
  expect(complaints(await join())).toMatchObject([{ status: 'fail', reason: 'no-cluster-info' }]);
});

async function stop(host: Host, pid: number | undefined): Promise<void> {
  await host.sh(`kill ${pid}; while ss -Htln sport = :6443 | grep -q .; do sleep 0.02; done`);
}
