import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Credentials } from '../../src/cluster/access.ts';
import { accessOf } from '../../src/cluster/connect.ts';
import { liveSystem } from '../../src/system/live.ts';
import { SystemError, type System } from '../../src/system/system.ts';
import { authority, removeAuthority } from './api-server.ts';
import { base64, directory, kubeconfig, removeDirectories } from './kubeconfigs.ts';

const V1 = 'client.authentication.k8s.io/v1';
const CLUSTER = { server: 'https://10.0.0.1:6443' };
const signal = () => AbortSignal.timeout(10_000);

afterEach(removeDirectories);
afterAll(removeAuthority);

interface Program {
  readonly exec?: Readonly<Record<string, unknown>>;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly system?: System;
}

/** Credentials of a kubeconfig whose program, a script beside it, runs these lines; it counts its runs in a file. */
async function credentials(lines: string, { exec = {}, cluster = {}, system = liveSystem() }: Program = {}) {
  const where = directory();
  const script = join(where, 'credentials.sh');
  writeFileSync(script, `#!/bin/sh\necho run >> '${where}/runs'\n${lines}\n`, { mode: 0o700 });
  const user = { exec: { apiVersion: V1, command: './credentials.sh', interactiveMode: 'Never', ...exec } };
  const access = await accessOf(system, kubeconfig({ ...CLUSTER, ...cluster }, user, where));
  const runs = () => readFileSync(join(where, 'runs'), 'utf8').split('\n').length - 1;
  return { ask: access.credentials, runs, where, script };
}

function printing(status: Readonly<Record<string, unknown>>, apiVersion = V1): string {
  return `cat <<'END'\n${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\nEND`;
}

async function failure(work: Promise<unknown>): Promise<SystemError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SystemError)) throw new Error(`no SystemError: ${String(error)}`);
  return error;
}

const ask = (each: Credentials, renew = false) => each(signal(), renew);

test('a program gives a token or a certificate; it is asked once, by requests side by side too, and again when that has expired', async () => {
  const lasting = await credentials(printing({ token: 'abc' }));
  const [one, two] = await Promise.all([ask(lasting.ask), ask(lasting.ask)]);
  expect(one).toEqual({ authorization: 'Bearer abc', cert: null, key: null });
  expect([two, await ask(lasting.ask), lasting.runs()]).toEqual([one, one, 1]);
  await ask(lasting.ask, true);
  expect(lasting.runs()).toBe(2);

  const past = new Date(Date.now() - 1_000).toISOString();
  const expired = await credentials(printing({ token: 'abc', expirationTimestamp: past }));
  await ask(expired.ask);
  await ask(expired.ask);
  expect(expired.runs()).toBe(2);

  const { cert, key } = authority().issue('me', 'DNS:me');
  const pair = await credentials(printing({ clientCertificateData: cert, clientKeyData: key }));
  expect(await ask(pair.ask)).toEqual({ authorization: null, cert, key });
});

test('the older version of the protocol is spoken too', async () => {
  const V1BETA1 = 'client.authentication.k8s.io/v1beta1';
  const program = await credentials(printing({ token: 'abc' }, V1BETA1), {
    exec: { apiVersion: V1BETA1, interactiveMode: null },
  });
  expect((await ask(program.ask)).authorization).toBe('Bearer abc');
});

test('it is told what kubectl tells it, has the environment of the user, and nothing of ours', async () => {
  const lines = `echo "$KUBERNETES_EXEC_INFO" > info; printf '%s' "$1 $ADDED $HOME $SEAWORTHY_TOKEN" > given\n${printing({ token: 'abc' })}`;
  const live = liveSystem();
  const system = { ...live, environment: { ...live.environment, HOME: '/home/me', SEAWORTHY_TOKEN: 'swt1.secret' } };
  const program = await credentials(`cd "$(dirname "$0")"\n${lines}`, {
    system,
    exec: { args: ['first'], env: [{ name: 'ADDED', value: 'added' }], provideClusterInfo: true },
    cluster: {
      'certificate-authority-data': base64(authority().cert),
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }],
    },
  });
  await ask(program.ask);
  expect(readFileSync(join(program.where, 'given'), 'utf8')).toBe('first added /home/me ');
  expect(JSON.parse(readFileSync(join(program.where, 'info'), 'utf8'))).toEqual({
    apiVersion: V1,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: {
        server: CLUSTER.server,
        'certificate-authority-data': base64(authority().cert),
        config: { audience: 'x' },
      },
    },
  });
});

test.each([
  ['fails', 'echo secret-of-the-program >&2; exit 3', /ended with exit code 3/],
  ['prints nothing of the kind', 'echo secret-of-the-program', /printed no ExecCredential/],
  [
    'prints another version',
    printing({ token: 'x' }, 'client.authentication.k8s.io/v1beta1'),
    /printed no ExecCredential/,
  ],
  ['gives nothing', printing({}), /gave no credentials/],
  ['gives half', printing({ clientKeyData: 'x' }), /a certificate or a key/],
  ['gives a token that is none', printing({ token: 'a b\n' }), /characters that no token has/],
] as const)('a program that %s is told without what it said', async (_what, lines, message) => {
  const program = await credentials(lines);
  const error = await failure(ask(program.ask));
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('secret-of-the-program');
});

test('one that hangs ends with the run', async () => {
  const program = await credentials('sleep 60');
  expect((await failure(program.ask(AbortSignal.timeout(200), false))).why).toBe('timeout');
});

test('one that is not there says how it is installed', async () => {
  const program = await credentials('', {
    exec: { command: 'no-such-program-of-a-cloud', installHint: 'Get it from\u001b[31m the cloud' },
  });
  const error = await failure(ask(program.ask));
  expect([error.why, error.code]).toEqual(['missing', 'exec-missing']);
  expect(error.message).toMatch(/is not installed; Get it from.* the cloud$/);
  expect(error.message).not.toContain('\u001b');
});

test.runIf(process.geteuid?.() === 0)(
  'as root neither a program nor a kubeconfig that others can write is heeded',
  async () => {
    for (const which of ['script', 'kubeconfig', 'directory'] as const) {
      const program = await credentials(printing({ token: 'abc' }));
      const file = { script: program.script, kubeconfig: join(program.where, 'kubeconfig'), directory: program.where }[
        which
      ];
      chmodSync(file, 0o777);
      const error = await failure(ask(program.ask));
      expect([error.why, error.code]).toEqual(['denied', 'exec-untrusted']);
      expect(() => program.runs()).toThrow(/ENOENT/);
    }
  },
);

test('what nobody is there to answer, and versions that are not known, are refused before anything runs', async () => {
  for (const [exec, message] of [
    [{ interactiveMode: 'Always' }, /has to ask somebody/],
    [{ apiVersion: 'client.authentication.k8s.io/v1alpha1' }, /v1alpha1; .* are spoken here/],
  ] as const)
    expect((await failure(credentials('', { exec }))).message).toMatch(message);
});
