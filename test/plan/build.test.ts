import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { buildPlan, type FlagValue } from '../../src/plan/build.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { effectiveConfiguration } from '../../src/plan/effective.ts';
import { PlanError } from '../../src/plan/errors.ts';
import { OPTIONS } from '../../src/plan/options/options.ts';
import { configurationKey, flagName, variableName } from '../../src/plan/options/option.ts';
import type { Plan } from '../../src/plan/settings.ts';

const TOKEN = 'abcdef.0123456789abcdef';
const PIN = `sha256:${'ab'.repeat(32)}`;

function flags(...words: string[]): FlagValue[] {
  return words.map((word) => {
    const [flag = '', ...value] = word.split('=');
    return { flag, value: value.length === 0 ? null : value.join('=') };
  });
}

function plan(
  words: string[] = [],
  environment: Record<string, string> = {},
  text: string | null = null,
): Promise<Plan> {
  return buildPlan({
    flags: flags(...words),
    environment,
    configuration: text === null ? null : { name: 'c.yaml', text },
    warn: () => undefined,
  });
}

async function errorOf(promise: Promise<unknown>): Promise<PlanError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PlanError)) throw new Error(`no PlanError but ${String(error)}`, { cause: error });
  return error;
}

test('nothing said: the defaults', async () => {
  const { settings, origins } = await plan();
  expect(settings).toEqual(DEFAULTS);
  expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  expect(Object.keys(origins)).toEqual(Object.keys(DEFAULTS));
});

test('a flag over a variable over the configuration', async () => {
  const text = 'role: worker\ncni: calico-bgp\nkubernetesVersion: 1.30\n';
  const { settings, origins } = await plan(
    ['--role=etcd'],
    { SEAWORTHY_ROLE: 'control-plane', SEAWORTHY_CNI: 'none' },
    text,
  );
  expect(settings).toMatchObject({ role: ['etcd'], cni: 'none', kubernetesVersion: '1.30' });
  expect(origins).toMatchObject({
    role: 'flag',
    cni: 'environment',
    kubernetesVersion: 'configuration',
    stage: 'default',
  });
});

test('every option in each of its places', async () => {
  const sample: Record<string, string> = {
    role: 'worker',
    stage: 'joined',
    'kubernetes-version': 'v1.34.1',
    cni: 'flannel',
    'pod-cidr': '10.1.0.0/16',
    'service-cidr': '10.2.0.0/16',
    'node-port-range': '30000-31000',
    'cni-conf-dir': '/a',
    'cni-bin-dir': '/b',
    'cri-socket': '/c',
    'node-ip': '10.0.0.1',
    'node-name': 'n1',
    'control-plane-endpoint': 'h:1',
    etcd: 'external',
    join: `kubeadm join h:1 --token ${TOKEN}`,
    kubeconfig: '/etc/kubernetes/admin.conf',
    peer: 'worker@w1',
    ssh: 'true',
    inventory: 'hosts.ini',
    wait: '1m',
    'token-file': 't',
    listen: '[::1]:1',
    stdio: 'true',
    for: '10m',
    interval: '5m',
    'allow-remote': 'true',
    'api-server-port': '7443',
    'advertise-address': '10.0.0.2',
    'etcd-data-dir': '/d',
    'proxy-mode': 'ipvs',
    pods: 'existing',
    only: 'kernel',
    skip: 'ports',
    'ignore-preflight-errors': 'Swap',
    output: 'json',
    json: 'true',
    'fail-on': 'warn',
    timeout: '1s',
    budget: '2s',
    concurrency: '3',
    root: '/r',
    config: 'f',
    plugin: './p.mjs',
    'save-facts': 's',
    facts: 'a.json',
    redact: 'true',
    'no-color': 'true',
    ascii: 'true',
    quiet: 'true',
    verbose: 'true',
  };
  expect(Object.keys(sample)).toEqual(OPTIONS.map(({ name }) => name));
  for (const option of OPTIONS) {
    const value = sample[option.name] ?? '';
    const plans: Plan[] = [];
    if (option.sources.includes('flag'))
      plans.push(await plan([option.hint === null ? flagName(option) : `${flagName(option)}=${value}`]));
    if (option.sources.includes('environment')) plans.push(await plan([], { [variableName(option)]: value }));
    if (option.sources.includes('configuration')) {
      const yaml = option.hint === null ? value : JSON.stringify(value);
      plans.push(await plan([], {}, `${configurationKey(option)}: ${yaml}\n`));
    }
    for (const each of plans) {
      expect(each.settings).toEqual(plans[0]?.settings);
      expect(each.origins[option.setting]).not.toBe('default');
    }
    expect(plans[0]?.settings[option.setting]).not.toEqual(DEFAULTS[option.setting]);
  }
});

test('names are of one form', () => {
  for (const { name, short, help, hint, repeatable } of OPTIONS) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(short ?? 'x').toMatch(/^[a-z]$/);
    expect(help).not.toMatch(/\.$/);
    expect(hint === null && repeatable !== false).toBe(false);
  }
});

test('lists: repeated, or with commas', async () => {
  const { settings } = await plan([
    '--pod-cidr=10.1.2.3/16',
    '--pod-cidr=fd00::1/48,10.1.0.0/16',
    '--only=kernel, ports',
    '-o=json=/tmp/a,b',
  ]);
  expect(settings.podCidr).toEqual(['10.1.0.0/16', 'fd00::/48']);
  expect(settings.only).toEqual(['kernel', 'ports']);
  expect(settings.output).toEqual([{ format: 'json', file: '/tmp/a,b' }]);
  expect((await plan(['--json', '-o=json=f'])).settings.output).toHaveLength(2);
  expect((await plan(['--json', '-o=json'])).settings.output).toEqual([{ format: 'json', file: null }]);
});

test.each([
  ['--role=workr', '--role: "workr" must be one of control-plane, worker, etcd (did you mean worker?)'],
  ['--rol=worker', '"--rol": is no option (did you mean --role?)'],
  ['--role', '--role: needs a value: ROLE'],
  ['--role=', '--role: "" must be one of control-plane, worker, etcd'],
  ['--stage=', '--stage: "" must be one of fresh, joined'],
  ['--kubernetes-version=2.0', '--kubernetes-version: "2.0" must be a version of Kubernetes, such as 1.36 or v1.36.2'],
  [
    '--kubernetes-version=1.36x',
    '--kubernetes-version: "1.36x" must be a version of Kubernetes, such as 1.36 or v1.36.2',
  ],
  [
    '--kubernetes-version=1.36.0.1',
    '--kubernetes-version: "1.36.0.1" must be a version of Kubernetes, such as 1.36 or v1.36.2',
  ],
  [
    '--pod-cidr=10.0.0.0',
    '--pod-cidr: "10.0.0.0" must be a network in CIDR form, such as 10.244.0.0/16 or fd00:10:244::/56',
  ],
  [
    '--service-cidr=10.1.0.0/16,10.2.0.0/16',
    '--service-cidr: "10.1.0.0/16", "10.2.0.0/16" must be at most one IPv4 and one IPv6 value',
  ],
  [
    '--node-port-range=32767-30000',
    '--node-port-range: "32767-30000" must be FIRST-LAST with ports from 1 to 65535, such as 30000-32767',
  ],
  [
    '--node-ip=127.0.0.1',
    '--node-ip: "127.0.0.1" must be an IPv4 or IPv6 address that other nodes can reach, such as 10.0.0.12',
  ],
  ['--cni-bin-dir=opt', '--cni-bin-dir: "opt" must be an absolute path'],
  [
    '--control-plane-endpoint=https://h:1',
    '--control-plane-endpoint: "https://h:1" must be HOST:PORT without a scheme, such as api.example.org:6443',
  ],
  ['--timeout=5', '--timeout: "5" must be a duration from 10ms to 10m, such as 5s'],
  ['--timeout=0', '--timeout: "0" must be a duration from 10ms to 10m, such as 5s'],
  ['--concurrency=0', '--concurrency: "0" must be a whole number from 1 to 256'],
  ['--pod-cidr=10.1.0.0/16,10.2.0.0/16', '--pod-cidr: "10.1.0.0/16", "10.2.0.0/16" must be at most one IPv4'],
  ['--service-cidr=10.96.0.0/29', '--service-cidr: "10.96.0.0/29" must be a network of ten addresses or more'],
  ['--service-cidr=10.0.0.0/8', '--service-cidr: "10.0.0.0/8" must be no wider than a /12 of IPv4 or a /108 of IPv6'],
  ['--ignore-preflight-errors=ALL,Swap', '--ignore-preflight-errors: "ALL", "Swap" must be names, or all alone'],
  ['--save-facts=-', '--save-facts: "-" must be the name of a file; `seaworthy facts` is what prints'],
  ['--save-facts=/dev/stdout', '--save-facts: "/dev/stdout" must be the name of a file'],
  ['-o=jsn', '-o: "jsn" must be'],
  ['--cni=calico', '--cni: "calico" must be one of'],
  ['--ascii=maybe', '--ascii: "maybe" must be true or false'],
  ['--api-server-port=1', '"--api-server-port": is no option'],
])('%s', async (word, message) => {
  const error = await errorOf(plan([word]));
  expect(error.message.slice(0, message.length)).toBe(message);
  expect(error.message).not.toContain('\n');
});

test('settings that contradict each other', async () => {
  expect((await errorOf(plan(['-q', '-v']))).message).toBe('--quiet: cannot be combined with --verbose');
  expect((await plan(['-v'], { SEAWORTHY_QUIET: '1' })).settings).toMatchObject({ quiet: false, verbose: true });
  expect((await errorOf(plan(['--facts=a', '--root=/x']))).code).toBe('conflict');
});

test('two outputs to one file', async () => {
  const said = async (...words: string[]) => (await errorOf(plan(words))).message;
  expect(await said('-o=json=/tmp/a', '-o=text=/tmp/a')).toBe('--output: two reports cannot go to one file: /tmp/a');
  expect(await said('-o=json=/tmp/a', '-o=text=/tmp/../tmp/./a')).toContain('two reports cannot go to one file');
  expect(await said('-o=json', '-o=text=/dev/stdout')).toContain('one report fits on standard output');
  expect(await said('-o=json=a', '--save-facts=./a')).toBe(
    '--save-facts: names the file of an --output; the two need a file each',
  );
  expect((await plan(['-o=json=/dev/null', '-o=text=/dev/null'])).settings.output).toHaveLength(2);
  expect((await plan(['-o=json=a', '-o=text=b', '--save-facts=c'])).settings.output).toHaveLength(2);
});

test('a join line tells role, endpoint and the rest, and yields to what is said', async () => {
  const line = `kubeadm join h:6443 --token ${TOKEN} --discovery-token-ca-cert-hash ${PIN} --cri-socket unix:///run/x.sock`;
  const { settings, origins } = await plan(
    [`--join=${line}`],
    {},
    'role: control-plane\nkind: x\n'.replace('kind: x\n', ''),
  );
  expect(settings).toMatchObject({
    role: ['control-plane'],
    stage: 'fresh',
    controlPlaneEndpoint: 'h:6443',
    criSocket: '/run/x.sock',
  });
  expect((await plan([`--join=${line}`, '--stage=joined'])).settings.stage).toBe('joined');
  expect(origins).toMatchObject({
    stage: 'join command',
    role: 'configuration',
    controlPlaneEndpoint: 'join command',
    criSocket: 'join command',
    join: 'flag',
  });
});

test('of two join lines the stronger one alone counts', async () => {
  const weak = `kubeadm join weak:1 --token ${TOKEN} --node-name weak`;
  const { settings } = await plan([`--join=kubeadm join strong:1 --token ${TOKEN}`], {}, `join: ${weak}\n`);
  expect(settings).toMatchObject({ join: { endpoint: 'strong:1' }, controlPlaneEndpoint: 'strong:1', nodeName: null });
});

test('the token is in no message', async () => {
  const bad = `kubeadm join h --token ${TOKEN}`;
  for (const attempt of [plan([`--join=${bad}`]), plan([], { SEAWORTHY_JOIN: bad }), plan([], {}, `join: ${bad}\n`)]) {
    const error = await errorOf(attempt);
    expect(error.message).toContain('must name the API server as HOST:PORT');
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain(TOKEN);
  }
});

test('the effective configuration reads back to the same plan', async () => {
  const origin = await plan(
    [
      '--role=etcd',
      `--join=kubeadm join [fd00::1]:6443 --token ${TOKEN} --control-plane`,
      '--no-color',
      '--node-port-range=30000-30100',
      '--budget=90s',
      '--only=kernel',
      '-o=json=a b',
    ],
    { SEAWORTHY_KUBERNETES_VERSION: '1.30' },
    'externalEtcd: { endpoints: ["https://10.0.0.1:2379"], caFile: /etc/ca.crt }\nkubeletConfiguration: { failSwapOn: false, resolvConf: "" }\nnodeName: "null"\npodCidr: [10.1.0.0/16, "fd00::/48"]\n',
  );
  const text = effectiveConfiguration(origin);
  expect(text).not.toContain(TOKEN);
  expect(text).toContain('kubernetesVersion: "1.30" # environment');
  const again = await plan([], {}, text);
  expect(again.settings).toEqual({ ...origin.settings, join: { ...origin.settings.join, token: null } });
  expect((await plan([], {}, effectiveConfiguration(await plan()))).settings).toEqual(DEFAULTS);
});

test('waivers survive the effective configuration, but for where they stand', async () => {
  const text =
    'waivers:\n  - { check: a/b, reason: "null", subject: "*", nodes: [w1, "7"], why: "a: \\"b\\" # c", until: 2026-12-31 }\n  - { reason: r, subject: "12", why: "true" }\n';
  const origin = await plan([], {}, text);
  const again = await plan([], {}, effectiveConfiguration(origin));
  const stripped = ({ settings: { waivers } }: typeof origin) => waivers.map((each) => ({ ...each, place: '' }));
  expect(stripped(again)).toEqual(stripped(origin));
  expect(origin.settings.waivers).toHaveLength(2);
  const none = await plan([], {}, effectiveConfiguration(await plan([], {}, 'waivers: []\n')));
  expect(none.settings.waivers).toEqual([]);
});

test('who reads the format of a monitoring system waits no longer than it does, and in Nagios warnings count', async () => {
  const said = async (...flags: string[]) => {
    const { budget, failOn } = (await plan(flags)).settings;
    return [budget, failOn];
  };
  expect(await said('-o=nagios')).toEqual([9_000, 'warn']);
  expect(await said('-o=nagios=/dev/stdout')).toEqual([9_000, 'warn']);
  expect(await said('-o=npd')).toEqual([4_000, 'unknown']);
  expect(await said('-o=nagios', '--budget=20s', '--fail-on=fail')).toEqual([20_000, 'fail']);
  expect(await said('-o=text', '-o=nagios=a')).toEqual([30_000, 'unknown']);
});

test('any text of a setting survives the effective configuration', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, unit: 'binary' }).filter((text) => !text.includes('\0') && text !== '-'),
      async (root) => {
        const origin = {
          settings: { ...DEFAULTS, root, saveFacts: root },
          origins: { ...(await plan(['--root=x', '--save-facts=x'])).origins },
        };
        const { settings } = await plan([], {}, effectiveConfiguration(origin));
        expect(settings).toEqual(origin.settings);
      },
    ),
    { numRuns: 60 },
  );
});
