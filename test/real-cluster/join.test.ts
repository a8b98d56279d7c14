import { join } from 'node:path';
import { expect, inject } from 'vitest';
import type { Host } from '../lab/lab.ts';
import { rules } from '../lab/reach.ts';
import { requestsOf } from './audit.ts';
import { clusterTest } from './cluster-test.ts';
import { initControlPlane, type ControlPlane } from './control-plane.ts';
import { startDaemon, until } from './node.ts';

/** A control plane behind a load balancer that reads what it passes on, and a machine that wants to join. */
interface Setting {
  readonly controlPlane: ControlPlane;
  readonly worker: Host;
  readonly balancer: Host;
}

const ENDPOINT = '10.77.0.100:6443';
/** On the balancer: what clients sent. */
const SENT = '/run/sent.log';

const joinTest = clusterTest(async (lab): Promise<Setting> => {
  const [plane, worker, balancer] = await Promise.all([
    lab.node('cp1', '10.77.0.1'),
    lab.host('w1', '10.77.0.2/24'),
    lab.host('lb', '10.77.0.100/24'),
  ]);
  // What opens TLS passes no client certificates on: the node itself goes past it.
  await plane.sh('iptables -t nat -A OUTPUT -d 10.77.0.100 -j DNAT --to-destination 10.77.0.1');
  const controlPlane = await initControlPlane(plane, { address: '10.77.0.1', endpoint: ENDPOINT });
  for (const name of ['apiserver.crt', 'apiserver.key'])
    balancer.write(`/run/${name}`, await plane.sh(`cat /etc/kubernetes/pki/${name}`));
  const recorder = `${join(import.meta.dirname, 'tls-recorder.ts')} /run/apiserver.crt /run/apiserver.key 10.77.0.1 ${SENT}`;
  startDaemon(balancer, 'recorder', `exec ${process.execPath} ${recorder}`);
  await until(() => balancer.sh('ss -Htln sport = 6443 | grep -q .'));
  return { controlPlane, worker, balancer };
});

interface JoinLine {
  readonly line: string;
  readonly id: string;
  readonly secret: string;
}

/** A line that the cluster printed, once it has signed cluster-info with its token. */
async function newLine({ controlPlane }: Setting, options = ''): Promise<JoinLine> {
  const line = (await controlPlane.kubeadm(`token create --print-join-command ${options} 2>/dev/null`)).trim();
  const [, id = '', secret = ''] = /--token (\w{6})\.(\w{16})/.exec(line) ?? [];
  await signed(controlPlane, id, true);
  return { line, id, secret };
}

async function signed({ kubectl }: ControlPlane, id: string, expected: boolean): Promise<void> {
  await until(async () => {
    const clusterInfo = await kubectl('-n kube-public get configmap cluster-info -o yaml');
    if (clusterInfo.includes(`jws-kubeconfig-${id}`) !== expected) throw new Error(clusterInfo);
  });
}

/** What the check finds of a line, and what the load balancer and the API server saw of the machine meanwhile. */
async function tried({ controlPlane, worker, balancer }: Setting, line: string) {
  await balancer.sh(`: > ${SENT}`);
  const before = (await requestsOf(controlPlane)).length;
  const { checks } = await worker.check('--only', 'control-plane/join-command', '--timeout', '2s', '--join', line);
  const findings = checks.flatMap((each) => each.findings);
  const asked = (await requestsOf(controlPlane))
    .slice(before)
    .filter(({ userAgent = '' }) => !/^kube|^etcd/.test(userAgent));
  return {
    findings,
    reasons: findings.map(({ reason }) => reason),
    sent: await balancer.sh(`cat ${SENT}`),
    asked: new Set(asked.map(({ user, verb, requestURI }) => `${user.username} ${verb} ${requestURI}`)),
  };
}

const CLUSTER_INFO = '/api/v1/namespaces/kube-public/configmaps/cluster-info';
/** All that a machine may ask before it knows whom it talks to. */
const ANONYMOUS = new Set([`system:anonymous get ${CLUSTER_INFO}`]);

function expectNothingSecret(sent: string, { id, secret }: JoinLine): void {
  expect(sent).toContain(`GET ${CLUSTER_INFO} HTTP/1.1`);
  expect(sent.toLowerCase()).not.toContain('authorization');
  expect(sent).not.toContain(id);
  expect(sent).not.toContain(secret);
}

/** What kubeadm itself says of the line; what it finds wrong with the machine is passed over. */
async function kubeadmAccepts({ worker }: Setting, { line, id, secret }: JoinLine): Promise<boolean> {
  const [pin = ''] = /sha256:\w+/.exec(line) ?? [];
  worker.write(
    '/etc/join.yaml',
    `apiVersion: kubeadm.k8s.io/v1beta2
kind: JoinConfiguration
nodeRegistration: { name: w1, criSocket: /run/containerd/containerd.sock }
discovery:
  timeout: 3s
  bootstrapToken: { apiServerEndpoint: "${ENDPOINT}", token: "${id}.${secret}", caCertHashes: ["${pin}"] }
`,
  );
  const kubeadm = `${inject('kubernetesPrograms')}/kubeadm join phase preflight --config /etc/join.yaml --ignore-preflight-errors all`;
  return (await worker.sh(`${kubeadm} >/run/kubeadm.log 2>&1 && echo yes || echo no`)).trim() === 'yes';
}

/** The line with this in place of what matches. */
function altered(of: JoinLine, found: string, instead: string): JoinLine {
  const line = of.line.replace(found, instead);
  expect(line).not.toBe(of.line);
  return { line, id: of.id, secret: of.secret.replace(found, instead) };
}

joinTest('a line that the cluster printed', async ({ setting }) => {
  const good = await newLine(setting);
  const { reasons, sent, asked } = await tried(setting, good.line);
  expect(reasons).toEqual(['pin-matches', 'server-verified', 'token-signed']);
  expectNothingSecret(sent, good);
  expect(asked).toEqual(ANONYMOUS);

  // kubeadm takes it, and the load balancer would have seen a token: kubeadm sends it, once it knows the cluster.
  expect(await kubeadmAccepts(setting, good)).toBe(true);
  expect((await setting.balancer.sh(`cat ${SENT}`)).toLowerCase()).toContain(
    `authorization: bearer ${good.id}.${good.secret}`,
  );
});

joinTest('a pin of another CA', async ({ setting }) => {
  const good = await newLine(setting);
  const wrong = altered(good, /sha256:\w+/.exec(good.line)?.[0] ?? '', `sha256:${'0'.repeat(64)}`);
  const { findings, reasons, sent, asked } = await tried(setting, wrong.line);
  expect(reasons).toEqual(['pin-mismatch']);
  expect(good.line).toContain(findings[0]?.actual);
  expectNothingSecret(sent, wrong);
  expect(asked).toEqual(ANONYMOUS);
  expect(await kubeadmAccepts(setting, wrong)).toBe(false);
});

joinTest(
  'a token with another secret, one that was deleted, one that expired, one that never was',
  async ({ setting }) => {
    const good = await newLine(setting);
    const deleted = await newLine(setting);
    await setting.controlPlane.kubeadm(`token delete ${deleted.id}`);
    await signed(setting.controlPlane, deleted.id, false);
    const expired = await newLine(setting, '--ttl 3s');
    await signed(setting.controlPlane, expired.id, false);
    const other = `${good.secret.startsWith('0') ? '1' : '0'}${good.secret.slice(1)}`;
    const lines = {
      'another secret': [altered(good, good.secret, other), 'a signature of another secret'],
      deleted: [deleted, 'no signature of this token'],
      expired: [expired, 'no signature of this token'],
      'never was': [{ ...altered(good, `${good.id}.`, 'aaaaaa.'), id: 'aaaaaa' }, 'no signature of this token'],
    } as const;
    for (const [name, [wrong, actual]] of Object.entries(lines)) {
      const { findings, reasons, sent, asked } = await tried(setting, wrong.line);
      expect(reasons, name).toEqual(['pin-matches', 'server-verified', 'token-rejected']);
      expect(findings.at(-1), name).toMatchObject({ status: 'fail', actual });
      expectNothingSecret(sent, wrong);
      expect(asked, name).toEqual(ANONYMOUS);
      expect(await kubeadmAccepts(setting, wrong), name).toBe(false);
    }
  },
);

joinTest('a firewall that drops 6443', async ({ setting }) => {
  const good = await newLine(setting);
  await rules(setting.balancer, { input: ['tcp dport 6443 drop'] });
  try {
    const { reasons, sent } = await tried(setting, good.line);
    expect(reasons).toEqual(['unreachable']);
    expect(sent).toBe('');
    const { checks } = await setting.worker.check('--only', 'control-plane', '--timeout', '2s', '--join', good.line);
    const endpoint = checks.find(({ id }) => id === 'control-plane/endpoint');
    expect(endpoint?.findings).toMatchObject([{ status: 'fail', reason: 'timed-out', subject: ENDPOINT }]);
    expect(await kubeadmAccepts(setting, good)).toBe(false);
  } finally {
    await setting.balancer.sh('nft flush ruleset');
  }
});
