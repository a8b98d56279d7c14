import { readdirSync, rmSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { newToken } from '../../src/peers/token.ts';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { makeAuthority } from '../authority.ts';
import { baseSystem } from './base-system.ts';
import { buildImage, type Image } from './image.ts';
import { labTest } from './lab.ts';
import { podOf } from './manifests.ts';
import { machineOf, startPod, type Machine, type PodRun } from './node-pod.ts';
import { rules } from './reach.ts';
import { accountFiles, metricsOf, nodeList, type ToldNode } from './serving-nodes.ts';

const BASE_SYSTEM_MS = 10 * 60_000;
const POD = podOf('base');

let built: Image | null = null;
afterAll(() => built?.remove());

const imageTest = labTest.extend('image', async ({ skip }): Promise<Image> => {
  // It takes ten seconds.
  return (built ??= buildImage(baseSystem(skip)));
});

/** As the kubelet gives it to each pod of the DaemonSet. */
const TOKEN = { '/etc/seaworthy-token': { token: newToken() } };

async function check(
  machine: Machine,
  image: Image,
  options: Partial<PodRun> & { readonly args: readonly string[] },
): Promise<Report> {
  const pod = startPod(machine, image, POD, {
    files: TOKEN,
    environment: { NODE_NAME: machine.host.name },
    ...options,
  });
  const { stdout, stderr } = await pod.ended;
  if (stdout === '') throw new Error(stderr);
  return reportSchema.parse(JSON.parse(stdout));
}

imageTest(
  'the image is the executable and its libraries, and sees the node as the node is',
  { timeout: BASE_SYSTEM_MS },
  async ({ lab, image }) => {
    const files = readdirSync(image.directory, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    expect(
      files.map(({ name }) => name).filter((name) => !/^(?:seaworthy|ld-linux.*|lib[\w+-]+\.so\.\d+)$/.test(name)),
    ).toEqual([]);
    expect(image.entrypoint).toBe('/usr/bin/seaworthy');

    const machine = await machineOf(await lab.host('w1', '10.77.0.1/24'));
    const { host } = machine;
    await machine.sh('ip route add default via 10.77.0.254');
    host.write('/etc/kubernetes/kubelet.conf', '');
    // A link of the node that leads nowhere in the container.
    await machine.sh('mkdir -p /opt/real && ln -s /opt/real /opt/cni-link');
    await machine.listen('kubelet', 10_250);
    await machine.listen('kube-proxy', 10_256, 1_234);

    const pod = startPod(machine, image, POD, { files: TOKEN, environment: {}, args: ['--version'] });
    expect(await pod.ended).toMatchObject({ code: 0, stdout: `seaworthy ${manifest.version}\n` });
    const args = [
      'check',
      '--root=/host',
      '--json',
      '--skip=network/firewall',
      '--cni-bin-dir=/opt/cni-link',
      '--node-name=w1',
    ];
    const report = await check(machine, image, { args });
    expect(report.nodes).toMatchObject([
      { name: 'w1', self: true, stage: 'joined', roles: ['worker'], addresses: ['10.77.0.1'] },
    ]);
    const findings = report.checks.flatMap((each) => each.findings);
    // Nothing is left undecided for want of a right or a file; what of cgroup v1 a kubelet without a version minds is of the machine that runs the tests.
    const undecided = findings.filter(({ status, check: id }) => status === 'unknown' && id !== 'kernel/cgroups');
    expect(undecided).toEqual([]);
    const seen = (id: string, subject: string) =>
      findings.find((each) => each.check === id && each.subject === subject);
    expect(seen('kernel/neighbour-table', 'net.ipv4.neigh.default.gc_thresh3')?.status).toBe(
      (await machine.host.findings('kernel/neighbour-table'))[0]?.status,
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'ports/served', subject: 'tcp/10250', status: 'pass' }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'ports/served', subject: 'tcp/10256', status: 'pass' }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'network/interfaces', subject: 'eth0', status: 'pass' }),
    );
  },
);

imageTest.for([[['SYS_PTRACE']], [['DAC_READ_SEARCH']]] as const)(
  'with %s alone less is seen',
  { timeout: BASE_SYSTEM_MS },
  async ([capabilities], { lab, image }) => {
    const machine = await machineOf(await lab.host('w1', '10.77.0.1/24'));
    machine.host.write('/etc/kubernetes/kubelet.conf', '');
    await machine.listen('kube-proxy', 10_256, 1_234);
    const report = await check(machine, image, {
      args: ['check', '--root=/host', '--json', '--only=ports/served'],
      capabilities,
    });
    const findings = report.checks.flatMap((each) => each.findings);
    expect(findings.find(({ subject }) => subject === 'tcp/10256')?.status).not.toBe('pass');
  },
);

imageTest(
  'a container with another network than its machine is refused',
  { timeout: BASE_SYSTEM_MS },
  async ({ lab, image }) => {
    const machine = await machineOf(await lab.host('w1', '10.77.0.1/24'));
    const pod = startPod(machine, image, POD, {
      files: TOKEN,
      environment: {},
      args: ['check', '--root=/host'],
      ownNetwork: true,
    });
    const { code, stdout, stderr } = await pod.ended;
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('hostNetwork: true');
  },
);

imageTest(
  'the DaemonSet of the manifests on three nodes: each is checked by the others, and a closed port is told by its way alone',
  { timeout: BASE_SYSTEM_MS },
  async ({ lab, image }) => {
    const told: readonly ToldNode[] = ['cp1', 'w1', 'w2'].map((name, index) => ({
      name,
      ip: `10.77.0.${index + 1}`,
      controlPlane: index === 0,
    }));
    const authority = makeAuthority('kubernetes');
    const machines = new Map<string, Machine>();
    for (const { name, ip, controlPlane } of told) {
      const machine = await machineOf(await lab.host(name, `${ip}/24`));
      machine.host.write('/etc/kubernetes/kubelet.conf', '');
      if (controlPlane) machine.host.write('/etc/kubernetes/manifests/kube-apiserver.yaml', '');
      await machine.listen('kubelet', 10_250);
      machines.set(name, machine);
    }
    const hostOf = (name: string) => machineNamed(machines, name).host;
    await hostOf('cp1').listen('kube-apiserver', 6_443, {
      body: nodeList(told),
      tls: authority.issue('kube-apiserver', 'IP:10.77.0.1'),
    });
    const pods = told.map(({ name }) =>
      startPod(machineNamed(machines, name), image, POD, {
        files: { ...TOKEN, '/var/run/secrets/kubernetes.io/serviceaccount': accountFiles(authority) },
        environment: { NODE_NAME: name, KUBERNETES_SERVICE_HOST: '10.77.0.1', KUBERNETES_SERVICE_PORT: '6443' },
        // A run every minute is too slow for a test.
        args: [...POD.containers[0].args, '--interval=3s', '--only=ports/reachable'],
      }),
    );
    const shown = async (name: string) => {
      const metrics = await metricsOf(hostOf(name));
      const keys = [...metrics].filter(([key, value]) => value === 1 && key.startsWith('pair_status'));
      const ways = keys.map(([key]) => (/"(.*)",destination="(.*)",status="(.*)"/.exec(key) ?? []).slice(1).join(' '));
      return { checkedBy: metrics.get('checked_by_nodes'), neighbours: metrics.get('neighbours'), ways: ways.sort() };
    };
    const becomes = async (name: string, ...ways: readonly string[]) => {
      const wanted = { checkedBy: 2, neighbours: 2, ways };
      await expect.poll(() => shown(name), { timeout: 60_000, interval: 500 }).toEqual(wanted);
    };

    try {
      await becomes('cp1', 'cp1 w1 pass', 'cp1 w2 pass', 'w1 cp1 pass', 'w2 cp1 pass');
      await becomes('w1', 'cp1 w1 pass', 'w1 cp1 pass');
      await becomes('w2', 'cp1 w2 pass', 'w2 cp1 pass');
      await rules(hostOf('w1'), { input: ['tcp dport 10250 drop'] });
      await becomes('cp1', 'cp1 w1 fail', 'cp1 w2 pass', 'w1 cp1 pass', 'w2 cp1 pass');
      await becomes('w1', 'cp1 w1 fail', 'w1 cp1 pass');
      await becomes('w2', 'cp1 w2 pass', 'w2 cp1 pass');
      // The port of the metrics answers from elsewhere, as Prometheus asks it, and a kubelet that asks whether the pod lives.
      expect(await hostOf('w2').sh('curl -s -o /dev/null -w "%{http_code}" http://10.77.0.2:10778/metrics')).toBe(
        '200',
      );
    } finally {
      // While the nodes are there: runc then leaves no control group behind.
      await Promise.all(pods.map((pod) => pod.stop()));
      rmSync(authority.directory, { recursive: true, force: true });
    }
  },
);

function machineNamed(machines: ReadonlyMap<string, Machine>, name: string): Machine {
  const machine = machines.get(name);
  if (machine === undefined) throw new Error(`there is no ${name}`);
  return machine;
}
