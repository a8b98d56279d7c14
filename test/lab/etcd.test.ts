import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import check from '../../checks/control-plane/external-etcd.ts';
import externalEtcd from '../../src/facts/external-etcd.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { ExternalEtcd } from '../../src/plan/settings.ts';
import { liveSystem } from '../../src/system/live.ts';
import { makeAuthority, type Authority, type KeyPair } from '../authority.ts';

let authority: Authority;
let stranger: Authority;
let client: KeyPair;
let etcd: ChildProcess;
let data: string;
let url: string;
let metricsUrl: string;

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => {
    server.close(done);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
}

beforeAll(async () => {
  authority = makeAuthority('etcd-ca');
  stranger = makeAuthority('stranger');
  const server = authority.issue('etcd', 'DNS:localhost,IP:127.0.0.1');
  client = authority.issue('kube-apiserver-etcd-client', 'DNS:client');
  data = mkdtempSync(join(tmpdir(), 'seaworthy-etcd-'));
  const [clients, peers, metrics] = [await freePort(), await freePort(), await freePort()];
  url = `https://127.0.0.1:${clients}`;
  metricsUrl = `http://127.0.0.1:${metrics}`;
  etcd = spawn(
    'etcd',
    [
      ['--data-dir', data],
      ['--listen-client-urls', url],
      ['--advertise-client-urls', url],
      ['--listen-peer-urls', `http://127.0.0.1:${peers}`],
      ['--listen-metrics-urls', metricsUrl],
      ['--cert-file', server.certFile],
      ['--key-file', server.keyFile],
      ['--trusted-ca-file', authority.certFile],
    ]
      .flat()
      .concat('--client-cert-auth'),
    { stdio: 'ignore', env: { PATH: process.env['PATH'] } },
  );
  await vi.waitFor(
    async () => {
      if (!(await fetch(`${metricsUrl}/health`)).ok) throw new Error('etcd has no leader yet');
    },
    { timeout: 20_000, interval: 100 },
  );
});
afterAll(async () => {
  const ended = new Promise((done) => {
    etcd.once('exit', done);
  });
  etcd.kill();
  await ended;
  for (const directory of [authority.directory, stranger.directory, data]) rmSync(directory, { recursive: true });
});

async function see(changed: Partial<ExternalEtcd>, kubernetesVersion = '1.30') {
  const given = {
    endpoints: [url],
    caFile: authority.certFile,
    certFile: client.certFile,
    keyFile: client.keyFile,
    ...changed,
  };
  const plan = { ...DEFAULTS, externalEtcd: given };
  const value = await externalEtcd.read(liveSystem(), { plan, signal: AbortSignal.timeout(5000) });
  expect(externalEtcd.schema().parse(value)).toEqual(value);
  expect(JSON.stringify(value)).not.toContain('PRIVATE');
  const node = {
    name: 'cp1',
    self: true,
    roles: ['control-plane' as const],
    stage: 'fresh' as const,
    kubernetesVersion,
    addresses: [],
  };
  const reasons = check.judge?.({ externalEtcd: value }, { node, plan, said: () => true }).map(({ reason }) => reason);
  return { value, reasons };
}

test('a real etcd lets us in and tells its version', async () => {
  const { value, reasons } = await see({});
  expect(value?.endpoints[0]).toMatchObject({
    url,
    request: 'answered',
    status: 200,
    version: expect.stringMatching(/^3\.\d+\.\d+/) as string,
  });
  expect(value?.clientCertificate).toMatchObject({ subject: 'CN=kube-apiserver-etcd-client', keyMatches: true });
  expect(reasons).toEqual([
    'file-readable',
    'file-readable',
    'file-readable',
    'certificate-valid',
    expect.stringMatching(/^supported|too-old$/),
  ]);
});

test('another CA, a client that it does not know, no client certificate', async () => {
  expect((await see({ caFile: stranger.certFile })).reasons?.at(-1)).toBe('tls-failed');
  const unknown = stranger.issue('client', 'DNS:client');
  const refused = await see({ certFile: unknown.certFile, keyFile: unknown.keyFile });
  expect(refused.reasons?.at(-1)).toBe('tls-failed');
  const none = await see({ certFile: null, keyFile: null });
  expect(none.reasons?.at(-1)).toBe('tls-failed');
});

test('files that are not what they should be', async () => {
  expect((await see({ caFile: '/nonexistent/ca.crt' })).reasons).toEqual([
    'file-missing',
    'file-readable',
    'file-readable',
    'certificate-valid',
    'not-observed',
  ]);
  expect((await see({ keyFile: stranger.keyFile })).reasons).toContain('key-mismatch');
  const junk = join(data, 'junk.crt');
  writeFileSync(junk, 'junk');
  expect((await see({ certFile: junk })).reasons).toContain('certificate-broken');
});

test('endpoints where no etcd is', async () => {
  const plain = await see({ endpoints: ['http://127.0.0.1:1', url.replace('https', 'http'), metricsUrl] });
  expect(plain.reasons?.slice(-3, -2)).toEqual(['unreachable']);
  expect(plain.reasons?.at(-1)).toBe('not-etcd');
});
