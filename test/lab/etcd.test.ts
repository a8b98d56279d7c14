import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import check from '../../checks/control-plane/external-etcd.ts';
import type { Node } from '../../src/engine/node.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import externalEtcd from '../../src/facts/external-etcd.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { ExternalEtcd } from '../../src/plan/settings.ts';
import { liveSystem } from '../../src/system/live.ts';
import { makeAuthority, type Authority } from '../authority.ts';
import { needLab } from './lab.ts';

interface Etcd {
  /** Another authority than its own. */
  readonly stranger: Authority;
  /** Its own directory. */
  readonly data: string;
  readonly url: string;
  readonly metricsUrl: string;
  /** What the fact reads with these settings, and what the check makes of it. */
  readonly see: (
    changed: Partial<ExternalEtcd>,
  ) => Promise<{ value: Facts['externalEtcd']; reasons: string[] | undefined }>;
}

/** An etcd that demands client certificates. */
const etcdTest = test.extend('etcd', async ({ skip }, { onCleanup }) => {
  needLab(skip);
  const { etcd, stop } = await startEtcd();
  onCleanup(stop);
  return etcd;
});

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

async function startEtcd(): Promise<{ etcd: Etcd; stop: () => Promise<void> }> {
  const [authority, stranger] = [makeAuthority('etcd-ca'), makeAuthority('stranger')];
  const server = authority.issue('etcd', 'DNS:localhost,IP:127.0.0.1');
  const client = authority.issue('kube-apiserver-etcd-client', 'DNS:client');
  const data = mkdtempSync(join(tmpdir(), 'seaworthy-etcd-'));
  const [clients, peers, metrics] = [await freePort(), await freePort(), await freePort()];
  const url = `https://127.0.0.1:${clients}`;
  const metricsUrl = `http://127.0.0.1:${metrics}`;
  const child = spawn(
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
  const stop = async () => {
    const ended = new Promise((done) => {
      child.once('exit', done);
    });
    child.kill();
    if (child.exitCode === null) await ended;
    for (const directory of [authority.directory, stranger.directory, data]) rmSync(directory, { recursive: true });
  };
  await vi.waitFor(
    async () => {
      if (!(await fetch(`${metricsUrl}/health`)).ok) throw new Error('etcd has no leader yet');
    },
    { timeout: 20_000, interval: 100 },
  );
  const see: Etcd['see'] = (changed) =>
    judged({
      endpoints: [url],
      caFile: authority.certFile,
      certFile: client.certFile,
      keyFile: client.keyFile,
      ...changed,
    });
  return { etcd: { stranger, data, url, metricsUrl, see }, stop };
}

async function judged(given: ExternalEtcd): ReturnType<Etcd['see']> {
  const plan = { ...DEFAULTS, externalEtcd: given };
  const value = await externalEtcd.read(liveSystem(), { plan, signal: AbortSignal.timeout(5000) });
  expect(externalEtcd.schema().parse(value)).toEqual(value);
  expect(JSON.stringify(value)).not.toContain('PRIVATE');
  const node: Node = {
    name: 'cp1',
    self: true,
    roles: ['control-plane'],
    stage: 'fresh',
    kubernetesVersion: '1.30',
    versionFrom: 'said',
    addresses: [],
  };
  return { value, reasons: check.judge?.({ externalEtcd: value }, { node, plan }).map(({ reason }) => reason) };
}

etcdTest('a real etcd lets us in and tells its version', async ({ etcd: { see, url } }) => {
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

etcdTest('another CA, a client that it does not know, no client certificate', async ({ etcd: { see, stranger } }) => {
  expect((await see({ caFile: stranger.certFile })).reasons?.at(-1)).toBe('tls-failed');
  const unknown = stranger.issue('client', 'DNS:client');
  const refused = await see({ certFile: unknown.certFile, keyFile: unknown.keyFile });
  expect(refused.reasons?.at(-1)).toBe('tls-failed');
  const none = await see({ certFile: null, keyFile: null });
  expect(none.reasons?.at(-1)).toBe('tls-failed');
});

etcdTest('files that are not what they should be', async ({ etcd: { see, stranger, data } }) => {
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

etcdTest('endpoints where no etcd is', async ({ etcd: { see, url, metricsUrl } }) => {
  const plain = await see({ endpoints: ['http://127.0.0.1:1', url.replace('https', 'http'), metricsUrl] });
  expect(plain.reasons?.slice(-3, -2)).toEqual(['unreachable']);
  expect(plain.reasons?.at(-1)).toBe('not-etcd');
});
