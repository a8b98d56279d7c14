import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import * as z from 'zod';
import { buildPlan } from '../../src/plan/build.ts';
import { configurationSchema } from '../../src/plan/configuration-schema.ts';
import { PlanError } from '../../src/plan/errors.ts';

const TOKEN = 'abcdef.0123456789abcdef';
const PIN = `sha256:${'ab'.repeat(32)}`;

async function read(text: string, warnings: string[] = []) {
  const warn = (sentence: string) => void warnings.push(sentence);
  return buildPlan({ flags: [], environment: {}, configuration: { name: 'c.yaml', text }, warn });
}

async function errorOf(text: string): Promise<string> {
  try {
    await read(text);
  } catch (error) {
    if (error instanceof PlanError) return error.message;
    throw error;
  }
  return 'no error';
}

test.each([
  ['rol: worker\n', 'c.yaml:1:1: "rol" is no key of seaworthy.yaml (did you mean role?)'],
  ['ascii: true\nstage: [fresh]\n', 'c.yaml:2:1 stage: must be a single value'],
  ['role: {a: 1}\n', 'c.yaml:1:1 role: must be a value or a list of values'],
  ['podCidr:\n  - 10.0.0.0/8\n  - [x]\n', 'c.yaml:1:1 podCidr: must be a value or a list of values'],
  [
    'podCidr: [10.0.0.0/8, nonsense]\n',
    'c.yaml:1:1 podCidr: "10.0.0.0/8", "nonsense" must be a network in CIDR form, such as 10.244.0.0/16 or fd00:10:244::/56',
  ],
  ['ascii: 3\n', 'c.yaml:1:1 ascii: must be true or false'],
  ['config: x\n', 'c.yaml:1:1: "config" is no key of seaworthy.yaml'],
  [
    'externalEtcd: {endpoints: []}\n',
    'c.yaml:1:16 externalEtcd.endpoints: must be a list of endpoints, and names of files as caFile, certFile, keyFile',
  ],
  [
    'externalEtcd: {endpoints: ["ftp://x"]}\n',
    'c.yaml:1:1 externalEtcd: must be URLs of etcd, such as https://10.0.0.21:2379',
  ],
  [
    'externalEtcd: {endpoints: ["https://x"], cafile: /a}\n',
    'c.yaml:1:42: "cafile" is no key of seaworthy.yaml (did you mean caFile?)',
  ],
  ['waivers: {}\n', 'c.yaml:1:1 waivers: must be a list of waivers, each with subject, why, and check or reason'],
  [
    'waivers:\n  - check: a/b\n    subject: x\n',
    'c.yaml:2:5 waivers.0.why: must be there: a sentence that says why it may fail',
  ],
  [
    'waivers:\n  - {check: a/b, why: w}\n',
    'c.yaml:2:5 waivers.0.subject: must be there: the subject of what may fail; "*" stands for any',
  ],
  [
    'waivers:\n  - check: a/b\n    subjct: x\n    why: w\n    subject: x\n',
    'c.yaml:3:5: "subjct" is no key of seaworthy.yaml (did you mean subject?)',
  ],
  [
    'waivers:\n  - {subject: x, why: w}\n',
    'c.yaml:2:5 waivers.0: names neither a check nor a reason, as in "check: ports/available" or "reason: in-use"',
  ],
  ['waivers:\n  - {check: a/b, subject: x, why: " "}\n', 'c.yaml:2:5 waivers.0: does not say why it may fail'],
  ['waivers:\n  - {check: a/b, subject: "", why: w}\n', 'c.yaml:2:5 waivers.0: names no subject; "*" stands for any'],
  ...['2026-02-30', '2026-13-01', '01.02.2026', 'tomorrow', '2026-01-01T00:00:00Z'].map((until) => [
    `waivers:\n  - {check: a/b, subject: x, why: w, until: "${until}"}\n`,
    'c.yaml:2:5 waivers.0: must be a day as until, such as 2026-12-31',
  ]),
  ['just text', 'c.yaml:1:1: must be keys and values, as in "role: worker"'],
  ['- a\n', 'c.yaml:1:1: must be keys and values, as in "role: worker"'],
  [
    'a: [1\n',
    'c.yaml:2:1: is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['role: worker\nrole: etcd\n', 'c.yaml:2:1: is not YAML: Map keys must be unique'],
  ['ascii: true\n---\nascii: true\n', 'c.yaml:3:1: is a second document of seaworthy; one is allowed'],
  ['role: *nobody\n', 'c.yaml: has aliases that cannot be resolved, or that multiply beyond measure'],
  ['apiVersion: v1\nkind: Pod\n', 'c.yaml:2:1: kind "Pod" is none that is read here'],
  [
    'kubeletConfiguration: {failSwapOn: maybe}\n',
    'c.yaml:1:24 kubeletConfiguration.failSwapOn: must be keys and values as a KubeletConfiguration has them, of failSwapOn, cgroupDriver, failCgroupV1, resolvConf',
  ],
  [
    'kubeletConfiguration: {failSwapon: true}\n',
    'c.yaml:1:24: "failSwapon" is no key of seaworthy.yaml (did you mean failSwapOn?)',
  ],
  [
    'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailSwapOn: maybe\n',
    'c.yaml:3:1 failSwapOn: is not what a KubeletConfiguration has there',
  ],
  [
    'apiVersion: kubeadm.k8s.io/v1beta1\nkind: InitConfiguration\n',
    'c.yaml:1:1: apiVersion must be one of kubeadm.k8s.io/v1beta2, kubeadm.k8s.io/v1beta3, kubeadm.k8s.io/v1beta4 (did you mean kubeadm.k8s.io/v1beta2?)',
  ],
  [
    'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: 3\n',
    'c.yaml:3:1 networking: is not what a ClusterConfiguration has there',
  ],
  [
    'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {podSubnet: x}\n',
    'c.yaml:3:14 networking.podSubnet: must be a network in CIDR form, such as 10.244.0.0/16 or fd00:10:244::/56',
  ],
])('%j', async (text, message) => {
  expect(await errorOf(text)).toBe(message);
});

test('an empty file says nothing', async () => {
  for (const text of ['', '\n', '---\n', '# only a comment\n', '---\n---\n'])
    expect((await read(text)).origins.role).toBe('default');
});

test('junk is refused quickly', async () => {
  const began = performance.now();
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
    .split('')
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(',')}]`)
    .join('\n')}\n`;
  expect(await errorOf(bomb)).toBe('c.yaml: has aliases that cannot be resolved, or that multiply beyond measure');
  expect(await errorOf('x: y\n'.repeat(2_100_000))).toBe(
    'c.yaml: is longer than 1048576 bytes; a configuration is not',
  );
  for (const deep of ['['.repeat(500_000), '{a: '.repeat(100_000), '- '.repeat(300_000), '? '.repeat(300_000)]) {
    expect(await errorOf(deep)).toBe('c.yaml: is nested too deep for a configuration');
  }
  expect(await errorOf('\u0000\u0001\u007fELF\u0002')).toContain('c.yaml');
  expect(performance.now() - began).toBeLessThan(3000);
});

test('whatever is in it, it is a plan or a PlanError of one line', async () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'role: ',
      'worker',
      '\n',
      '- ',
      '  ',
      '---\n',
      '&a ',
      '*a',
      '!!binary x',
      '[',
      '}',
      ': ',
      'join: ',
      'apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n',
      '<<: ',
      '"',
      '|\n',
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      expect(await errorOf(pieces.join(''))).not.toContain('\n');
    }),
    { numRuns: 300 },
  );
});

const init = `
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 10.0.0.11, bindPort: 7443 }
nodeRegistration:
  name: CP1
  criSocket: unix:///var/run/crio/crio.sock
  ignorePreflightErrors: [Swap]
  kubeletExtraArgs:
    - { name: node-ip, value: "10.0.0.11,fd00::11" }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.35.3
controlPlaneEndpoint: api.example.org
networking: { podSubnet: "10.244.0.0/16,fd00:10:244::/56", serviceSubnet: 10.96.0.0/12 }
apiServer:
  extraArgs:
    - { name: service-node-port-range, value: 30000-31000 }
etcd:
  external:
    endpoints: [https://10.0.0.21:2379, "https://10.0.0.22:2379/"]
    caFile: /etc/kubernetes/pki/etcd/ca.crt
    certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
    keyFile: /etc/kubernetes/pki/apiserver-etcd-client.key
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failSwapOn: false
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
---
concurrency: 4
`;

test("kubeadm's documents for init, with seaworthy's own in the same file", async () => {
  const { settings, origins } = await read(init);
  expect(settings).toMatchObject({
    role: ['control-plane'],
    kubernetesVersion: '1.35',
    podCidr: ['10.244.0.0/16', 'fd00:10:244::/56'],
    serviceCidr: ['10.96.0.0/12'],
    nodePortRange: { first: 30_000, last: 31_000 },
    controlPlaneEndpoint: 'api.example.org:7443',
    apiServerPort: 7443,
    advertiseAddress: '10.0.0.11',
    nodeName: 'cp1',
    criSocket: '/var/run/crio/crio.sock',
    ignorePreflightErrors: ['Swap'],
    nodeIp: ['10.0.0.11', 'fd00::11'],
    etcd: 'external',
    externalEtcd: {
      endpoints: ['https://10.0.0.21:2379', 'https://10.0.0.22:2379'],
      caFile: '/etc/kubernetes/pki/etcd/ca.crt',
    },
    proxyMode: 'nftables',
    concurrency: 4,
  });
  expect(origins).toMatchObject({
    role: 'kubeadm configuration',
    proxyMode: 'kubeadm configuration',
    concurrency: 'configuration',
  });
});

test('maps of arguments in v1beta3; a label for a version; the address of any interface', async () => {
  const { settings, origins } = await read(`
apiVersion: kubeadm.k8s.io/v1beta3
kind: InitConfiguration
nodeRegistration: { kubeletExtraArgs: { node-ip: "::" } }
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
kubernetesVersion: stable-1
apiServer: { extraArgs: { service-node-port-range: "31000-32000" } }
etcd: { local: { dataDir: /data/etcd } }
`);
  expect(settings).toMatchObject({
    nodePortRange: { first: 31_000, last: 32_000 },
    etcdDataDir: '/data/etcd',
    nodeIp: [],
  });
  expect(origins).toMatchObject({ kubernetesVersion: 'default', nodeIp: 'default' });
});

const cluster = (rest: string, version = 'v1beta4') =>
  `apiVersion: kubeadm.k8s.io/${version}\nkind: ClusterConfiguration\n${rest}\n`;

test('a ClusterConfiguration alone tells of a control plane, and of no stage', async () => {
  const { settings, origins } = await read(cluster('networking: { podSubnet: 10.244.0.0/16 }'));
  expect(settings).toMatchObject({ role: ['control-plane'], stage: null });
  expect(origins).toMatchObject({ role: 'kubeadm configuration', stage: 'default' });
  expect((await read(`${cluster('')}---\nrole: worker\n`)).settings.role).toEqual(['worker']);
});

test('the network of the Services that kubeadm init fills in', async () => {
  const absent = await read(cluster('networking: { podSubnet: 10.244.0.0/16 }'));
  expect(absent.settings.serviceCidr).toEqual(['10.96.0.0/12']);
  expect(absent.origins.serviceCidr).toBe('kubeadm configuration');
  expect((await read(cluster('networking: { serviceSubnet: 10.97.0.0/16 }'))).settings.serviceCidr).toEqual([
    '10.97.0.0/16',
  ]);
  expect((await read(`${cluster('')}---\nserviceCidr: [172.20.0.0/16]\n`)).settings.serviceCidr).toEqual([
    '172.20.0.0/16',
  ]);
  const joins = `${cluster('')}---${join('file: { kubeConfigPath: /etc/discovery.conf }')}`;
  expect((await read(joins)).origins.serviceCidr).toBe('default');
});

test('beside a document of init or join it does not tell the role, and theirs is a node that has not joined', async () => {
  const joins = join('file: { kubeConfigPath: /etc/discovery.conf }');
  for (const text of [`${cluster('')}---${joins}`, `${joins}---\n${cluster('')}`])
    expect((await read(text)).settings).toMatchObject({ role: ['worker'], stage: 'fresh' });
  const { settings, origins } = await read(init);
  expect(settings).toMatchObject({ role: ['control-plane'], stage: 'fresh' });
  expect(origins.stage).toBe('kubeadm configuration');
});

test('a KubeletConfiguration is known to the checks, except beside a JoinConfiguration', async () => {
  const kubelet = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailSwapOn: false\n';
  const nothing = { failSwapOn: null, cgroupDriver: null, failCgroupV1: null, resolvConf: null };
  expect((await read(kubelet)).settings.kubeletConfiguration).toEqual({ ...nothing, failSwapOn: false });
  const own = 'kubeletConfiguration: { cgroupDriver: cgroupfs, resolvConf: "" }\n';
  expect((await read(own)).settings.kubeletConfiguration).toEqual({
    ...nothing,
    cgroupDriver: 'cgroupfs',
    resolvConf: '',
  });
  const warnings: string[] = [];
  const joins = await read(`${kubelet}---${join('file: { kubeConfigPath: /etc/discovery.conf }')}`, warnings);
  expect(joins.settings.kubeletConfiguration).toBeNull();
  expect(warnings).toEqual([
    'c.yaml:2:1: kubeadm join passes over a KubeletConfiguration; the cluster has that of its nodes',
  ]);
  expect(await errorOf('apiVersion: v1\nkind: KubeletConfig\n')).toContain('did you mean KubeletConfiguration?');
});

test.each([
  ['networking: { serviceSubnet: 10.96.0.0/29 }', 'must be a network of ten addresses or more'],
  ['networking: { serviceSubnet: "fd00::/125" }', 'must be a network of ten addresses or more'],
  ['networking: { serviceSubnet: 10.0.0.0/8 }', 'must be no wider than a /12'],
  ['networking: { serviceSubnet: "10.96.0.0/12,fd00::/64" }', 'must be no wider than a /12'],
  ['networking: { serviceSubnet: "10.96.0.0/16,10.97.0.0/16" }', 'must be at most one IPv4 and one IPv6 value'],
  ['networking: { podSubnet: "10.1.0.0/16,10.2.0.0/16" }', 'must be at most one IPv4 and one IPv6 value'],
])('kubeadm refuses %s', async (text, said) => {
  expect(await errorOf(cluster(text))).toContain(said);
});

test.each(['10.96.0.0/28', '10.0.0.0/12', 'fd00::/124', 'fd00::/108', '10.96.0.0/12,fd00:10:96::/112'])(
  'kubeadm takes the service subnet %s',
  async (subnet) => {
    expect(await errorOf(cluster(`networking: { serviceSubnet: "${subnet}" }`))).toBe('no error');
  },
);

test.each(['apiServer', 'controllerManager', 'scheduler'])('the form of the arguments of %s', async (component) => {
  const map = `${component}: { extraArgs: { v: "2" } }`;
  const list = `${component}: { extraArgs: [{ name: v, value: "2" }] }`;
  expect(await errorOf(cluster(map))).toMatch(new RegExp(`^c.yaml:3:\\d+ ${component}.extraArgs: must be a list`));
  expect(await errorOf(cluster(list))).toBe('no error');
  expect(await errorOf(cluster(map, 'v1beta3'))).toBe('no error');
  expect(await errorOf(cluster(list, 'v1beta3'))).toContain(`${component}.extraArgs: must be keys and values`);
  expect(await errorOf(cluster(`${component}: { extraArgs: null }`))).toBe('no error');
});

test('the form of the arguments of the kubelet and of etcd', async () => {
  expect(
    await errorOf(init.replace('- { name: node-ip, value: "10.0.0.11,fd00::11" }', 'node-ip: 10.0.0.11')),
  ).toContain('nodeRegistration.kubeletExtraArgs: must be a list');
  expect(await errorOf(cluster('etcd: { local: { extraArgs: { v: "2" } } }'))).toContain('etcd.local.extraArgs');
});

test('keys that kubeadm passes over are a warning each', async () => {
  const warnings: string[] = [];
  const { settings } = await read(
    cluster('networkng: {}\nNetworking: {}\nnetworking: { podsubnet: 10.1.0.0/16 }\nx: 1'),
    warnings,
  );
  expect(settings.podCidr).toEqual([]);
  expect(warnings).toEqual([
    'c.yaml:3:1: kubeadm passes over "networkng", which a ClusterConfiguration does not have there (did you mean networking?)',
    'c.yaml:4:1: kubeadm passes over "Networking", which a ClusterConfiguration does not have there (did you mean networking?)',
    'c.yaml:6:1: kubeadm passes over "x", which a ClusterConfiguration does not have there',
    'c.yaml:5:15: kubeadm passes over "podsubnet", which a ClusterConfiguration does not have there (did you mean podSubnet?)',
  ]);
  const none: string[] = [];
  await read(init, none);
  await read(join('file: {}', 'skipPhases: []\ntimeouts: {}\ncaCertPath: /x\n'), none);
  expect(none).toEqual([]);
});

test.each([
  ['[Swap, all]', 'nodeRegistration.ignorePreflightErrors: must be names, or all alone'],
  ['[all]', 'no error'],
])('the ignore list %s', async (names, said) => {
  expect(await errorOf(init.replace('ignorePreflightErrors: [Swap]', `ignorePreflightErrors: ${names}`))).toContain(
    said,
  );
});

const join = (rest: string, more = '') => `
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  ${rest}
${more}`;

test('a JoinConfiguration', async () => {
  const bootstrap = `bootstrapToken: { apiServerEndpoint: "10.0.0.11:6443", token: ${TOKEN}, caCertHashes: ["${PIN}"] }`;
  expect((await read(join(bootstrap))).settings).toMatchObject({
    role: ['worker'],
    controlPlaneEndpoint: '10.0.0.11:6443',
    join: {
      endpoint: '10.0.0.11:6443',
      token: TOKEN,
      caCertHashes: [PIN],
      unsafeSkipCaVerification: false,
      controlPlane: false,
    },
  });
  const second = await read(join(bootstrap, 'controlPlane: { localAPIEndpoint: { advertiseAddress: 10.0.0.12 } }\n'));
  expect(second.settings).toMatchObject({
    role: ['control-plane'],
    advertiseAddress: '10.0.0.12',
    join: { controlPlane: true },
  });
  expect((await read(join('file: { kubeConfigPath: /etc/discovery.conf }'))).settings).toMatchObject({
    role: ['worker'],
    join: null,
  });
});

test('a JoinConfiguration that is wrong never shows its token', async () => {
  const messages = await Promise.all([
    errorOf(join(`bootstrapToken: { apiServerEndpoint: "h", token: ${TOKEN} }`)),
    errorOf(join(`bootstrapToken: { apiServerEndpoint: "h:1", token: x${TOKEN} }`)),
    errorOf(join('bootstrapToken: { apiServerEndpoint: "h:1" }')),
    errorOf(join(`bootstrapToken: { apiServerEndpoint: "h:1", token: {${TOKEN}} }`)),
    errorOf(join(`bootstrapToken: { apiServerEndpoint: "h:1", token: [${TOKEN}`)),
    errorOf(join(`bootstrapToken: { *${TOKEN} : 1 }`)),
  ]);
  expect(messages[0]).toBe(
    'c.yaml:5:3 discovery.bootstrapToken: must name the API server as HOST:PORT, such as 10.0.0.11:6443 or [fd00::11]:6443',
  );
  for (const message of messages) {
    expect(message).toContain('c.yaml');
    expect(message).not.toContain('0123456789abcdef');
  }
  expect(await errorOf(`${init}---${join('file: {}')}`)).toContain(
    'holds an InitConfiguration and a JoinConfiguration',
  );
});

test('the schema has every key, with its help', () => {
  const schema = z.toJSONSchema(configurationSchema());
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties ?? {})).toContain('nodePortRange');
  expect(JSON.stringify(schema.properties?.role)).toContain('control-plane');
});

test('waivers, each with its place', async () => {
  const text =
    'waivers:\n  - check: ports/available\n    subject: tcp/10250\n    nodes: w1\n    why: " a proxy "\n    until: 2026-12-31\n  - { reason: in-use, subject: 812, nodes: [w2, 7], why: 1 more }\n';
  const { settings, origins } = await read(text);
  expect(origins.waivers).toBe('configuration');
  expect(settings.waivers).toEqual([
    {
      check: 'ports/available',
      reason: null,
      subject: 'tcp/10250',
      nodes: ['w1'],
      why: 'a proxy',
      until: '2026-12-31',
      place: 'c.yaml:2:5',
    },
    {
      check: null,
      reason: 'in-use',
      subject: '812',
      nodes: ['w2', '7'],
      why: '1 more',
      until: null,
      place: 'c.yaml:7:5',
    },
  ]);
});

test('no variable waives anything', async () => {
  const plan = await buildPlan({
    flags: [],
    environment: { SEAWORTHY_WAIVERS: 'x' },
    configuration: null,
    warn: () => undefined,
  }).catch(() => null);
  expect(plan?.settings.waivers ?? []).toEqual([]);
});
