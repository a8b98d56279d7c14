import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineWords, redacted, type Redacted } from '../../../src/evidence/redaction/redact.ts';
import { proxyError } from '../../../src/cluster/tunnel.ts';
import type { Evidence } from '../../../src/evidence/schema.ts';
import { noNode } from '../../../src/fleet/no-node.ts';
import { unreachablePeers } from '../../../src/judging/reach/unreachable-peers.ts';
import { formats } from '../../../src/report/formats/index.ts';
import { lastWords } from '../../../src/values/last-words.ts';
import type { Report } from '../../../src/report/schema.ts';
import type { Remedy } from '../../../src/engine/check.ts';
import type { SshTarget } from '../../../src/fleet/ssh-target.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { check, FAILED, finding, node, report } from '../../report/given.ts';
import { sixNodes } from '../../report/cluster.ts';

const ORDINARY = new Set(
  'a node the of to is not packets forwarded are from pod control-plane worker fails'.split(' '),
);
const isOrdinary = (word: string) => ORDINARY.has(word);

const NOTHING_TOLD = { lines: [], names: [] };

const ALL = { color: false, ascii: false, width: 100, quiet: false, verbose: true };

function evidenceOf(hostnames: readonly string[], more: object = {}): Evidence {
  return {
    schema: 'seaworthy.facts/v1',
    tool: { name: 'seaworthy', version: '0.0.0-test' },
    takenAt: '2026-01-02T03:04:05.678Z',
    nodes: hostnames.map((hostname) => ({
      self: false,
      plan: {},
      facts: { hostname: { value: { hostname } }, more: { value: more } },
    })),
  };
}

function hide(evidence: Evidence, seen: Report | null): Redacted {
  return redacted({ evidence, report: seen, settings: DEFAULTS, told: NOTHING_TOLD, files: [], isOrdinary });
}

/** What becomes of a message of a run in which these are the host names. */
function messageOf(message: string, hostnames: readonly string[], more: object = {}): string {
  const seen = report([check('a/b', [finding({ message })])], { nodes: hostnames.map((name) => node(name)) });
  return hide(evidenceOf(hostnames, more), seen).report!.checks[0]!.findings[0]!.message;
}

test('names that contain each other are told apart, and are replaced as whole words alone', () => {
  expect(messageOf('w1 → w1-a: w12, w1.json, etcd-w1 and W1-A.', ['w1', 'w1-a'])).toBe(
    'node-1 → node-2: w12, node-1.json, etcd-node-1 and node-2.',
  );
});

test('a machine and its domain keep what they have to do with each other', () => {
  const hostnames = ['w1.corp.test', 'w2.corp.test'];
  expect(messageOf('w1.corp.test and w2 are in corp.test', hostnames)).toBe(
    'node-1.domain-1.example and node-2 are in domain-1.example',
  );
});

test('a name that is a word of ours garbles no sentence, and is not in the fields of names', () => {
  const seen = report([check('a/b', [finding({ nodes: ['node'], message: 'Packets of a node are not forwarded.' })])], {
    nodes: [node('node'), node('a')],
  });
  const { report: shown, evidence } = hide(evidenceOf(['node', 'a']), seen);
  expect(shown!.checks[0]!.findings[0]).toMatchObject({
    nodes: ['node-1'],
    message: 'Packets of a node are not forwarded.',
  });
  expect(shown!.nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2']);
  expect(JSON.stringify(evidence.nodes)).toContain('"hostname":"node-1"');
});

test('names of clones: the machine, and where each was read', () => {
  const seen = report([check('a/b', [finding({ nodes: ['w1 (x.json)'] })])], { nodes: [node('w1 (x.json)')] });
  const { report: shown } = redacted({
    evidence: evidenceOf(['w1']),
    report: seen,
    settings: DEFAULTS,
    told: NOTHING_TOLD,
    files: ['x.json'],
    isOrdinary,
  });
  expect(shown!.nodes[0]!.name).toBe('node-1 (file-1)');
  expect(shown!.checks[0]!.findings[0]!.nodes).toEqual(['node-1 (file-1)']);
});

test('no replacement is a name that is there already', () => {
  expect(messageOf('node-1 and node-2', ['node-1', 'node-2'])).toBe('node-3 and node-4');
});

test.each(['fe80', 'cafe', '10', '52', 'aa', 'db8'])('a name like a part of an address: %s', (name) => {
  const text = messageOf('52:54:00:aa:bb:01 cafe::db8:52 10.52.10.52 fe80::aa', [name]);
  expect(text).not.toMatch(/52:54:00|cafe::|10\.52\.10\.52|fe80::aa$/);
  expect(text).toMatch(/^02:00:00:00:00:01 \S+ 10\.\d+\.\d+\.\d+ fe80::\S+$/);
});

test('what is the same everywhere stays', () => {
  const text =
    '0.0.0.0/0 ::/0 127.0.0.1 127.0.0.0/8 ::1 0.0.0.0 :: 10.0.0.0/8 fe80::/64 169.254.169.254 255.255.255.0 ff02::1 ee:ee:ee:ee:ee:ee 00:00:00:00:00:00 03000200-0400-0500-0006-000700080009 1.36 12:34:56 cluster.local https://kubernetes.io/docs/ 30000-32767';
  expect(messageOf(text, ['w1', 'localhost'])).toBe(text);
});

test.each([
  ['--root w1: no such directory.', ['--redact', '--root', 'w1'], '--root host-1: no such directory.'],
  ['"b7" is no role, 5 and 6443 stay.', ['--role=b7', '5', '6443', '-v'], '"host-1" is no role, 5 and 6443 stay.'],
])('a line with short names that were said: %s', (line, said, shown) => {
  expect(lineWords({ lines: [line], names: [] }, said, isOrdinary)(line)).toBe(shown);
});

test('machines called like what Kubernetes makes were called so by somebody', () => {
  const names = ['kube-falcon', 'etcd-1.acme.test', 'kubernetes-otter', 'default-heron', 'system'];
  const more = {
    leaf: {
      subject: 'CN=kube-apiserver',
      names: ['kubernetes', 'kubernetes.default.svc.cluster.local', 'kubernetes.default.svc.acme.internal'],
      notAfter: '',
    },
    endpoint: 'vip.cluster.local:6443',
    url: 'https://etcd-owl.acme.test:2379',
  };
  const text = `${names.join(' ')} vip.cluster.local etcd-owl kube-apiserver kubernetes kubernetes.default.svc.cluster.local kubernetes.default.svc.acme.internal`;
  const shown = messageOf(text, names, more);
  expect(shown).not.toMatch(/falcon|acme|otter|heron|owl|vip/);
  expect(shown).toMatch(
    /^(?:node-\d\S* ){5}\S+ host-\d kube-apiserver kubernetes kubernetes\.default\.svc\.cluster\.local \S+$/,
  );
});

test('punctuation around an address is none of it', () => {
  const shown = messageOf('(fd00::5): [fd00::5]:6443, fd00::5. ::ffff:10.1.2.3 10.1.2.3: 10.1.2.3.', ['w1']);
  const [, six = ''] = /^\((\S+)\): /.exec(shown) ?? [];
  const [, four = ''] = / (10\.\d+\.\d+\.\d+): /.exec(shown) ?? [];
  expect(shown).toBe(`(${six}): [${six}]:6443, ${six}. ::ffff:${four} ${four}: ${four}.`);
  expect([six, four]).not.toContain('fd00::5');
});

test('an address with a prefix that is too long is still one', () => {
  expect(messageOf('10.1.2.3/33 10.1.2.3', ['w1'])).toMatch(/^(10\.\d+\.\d+\.\d+)\/33 \1$/);
  expect(messageOf('10.1.2.3/33', ['w1'])).not.toContain('10.1.2.3');
});

test('what the API of a cluster told: nodes, pods, namespaces, labels and who owns their keys', () => {
  const pod = {
    namespace: 'payroll',
    name: 'ledger-7d9f',
    node: 'zanzibar.acme.test',
    addresses: ['10.244.7.9'],
    ready: true,
    ports: [8080],
    labels: { 'team.acme.test/owner': 'falcon', 'app.kubernetes.io/name': 'ledger', 'heron-tier': 'upper' },
  };
  const policy = {
    namespace: 'treasury',
    name: 'vault-only',
    matchLabels: { 'k8s-app': 'kestrel', 'heron-tier': 'upper' },
    matchExpressions: [{ key: 'osprey-zone', operator: 'In', values: ['merlin'] }],
    ingress: true,
    egress: false,
  };
  const roles = ['control-plane', 'worker', 'gpu-skunkworks'];
  const told = {
    clusterNodes: { value: [{ name: 'mombasa', roles, internalIps: ['10.7.7.7'], machineId: 'f'.repeat(31) + '1' }] },
    clusterPods: { value: { pods: [pod], complete: true } },
    clusterPolicies: { value: { policies: [policy], others: ['ciliumnetworkpolicies.cilium.io'], complete: true } },
  };
  const message = 'payroll/ledger-7d9f of falcon is not ready on mombasa, nor on zanzibar.acme.test.';
  const seen = report([check('a/b', [finding({ message })])]);
  const hidden = hide({ ...evidenceOf(['w1']), cluster: told }, seen);
  const written = [JSON.stringify(hidden), ...Object.values(formats).map(({ render }) => render(hidden.report!, ALL))];
  const secrets =
    /payroll|ledger|falcon|mombasa|zanzibar|acme|10\.244\.7\.9|10\.7\.7\.7|f{31}|skunkworks|treasury|vault|kestrel|heron|upper|osprey|merlin/;
  for (const text of written) expect(text).not.toMatch(secrets);
  const cluster = JSON.stringify(hidden.evidence.cluster);
  for (const everybodys of ['app.kubernetes.io/name', 'k8s-app', '"control-plane","worker"', 'cilium.io'])
    expect(cluster).toContain(everybodys);
  // What a policy selects it still selects.
  const [ofPod, ofPolicy] = [/"labels":(\{[^}]*\})/, /"matchLabels":(\{[^}]*\})/].map((labels) =>
    Object.entries(JSON.parse(labels.exec(cluster)?.[1] ?? '')),
  );
  expect(ofPod?.map(String)).toContain(String(ofPolicy?.[1]));
});

test('users, tokens, certificates, proxies and what is asked by URL', () => {
  const more = {
    path: '/home/alice/kubeadm.yaml',
    no_proxy: '.intra.test,10.0.0.0/8',
    url: 'https://bob:secret@etcd7.intra.test:2379/health',
    leaf: { subject: 'CN=Acme Root, O=Acme', names: ['kubernetes', 'lb.acme.test'], notAfter: '' },
  };
  const text = 'alice bob etcd7.intra.test intra.test Acme lb.acme.test abcdef.0123456789abcdef kubernetes';
  expect(messageOf(text, ['w1'], more)).toMatch(
    /^user-1 user-2 host-\d\.domain-1\.example domain-1\.example name-\d host-\d\.domain-2\.example \(token\) kubernetes$/,
  );
});

test('the proxy on the way to an API server, as the reading of a cluster tells of it', () => {
  const failed = proxyError(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), new URL('http://px.corp.test:3128'));
  expect(failed.message).toContain('px.corp.test');
  expect(messageOf(failed.message, ['w1'], { detail: failed.message })).not.toMatch(/px|corp/);
});

describe('a node that could not be had over ssh', () => {
  const word = () => fc.stringMatching(/^[a-z][a-z0-9]{3,8}q[0-9]$/);

  /** As the fleet tells it, and as it is judged. */
  function unreachable(target: SshTarget, name: string, said: string) {
    const message = `ssh could not get into ${name}${lastWords(said)}.`;
    const error = noNode({ name, roles: [], target, address: null }, 'login', message);
    if (error.ssh === null) throw new Error('it is told how it was tried');
    const nodes = ['zebra', name].map((each) => ({ ...node(each), versionFrom: 'default' as const }));
    const [self, other] = nodes;
    const met = [{ node: self! }, { node: other!, unreachable: error.message, ssh: error.ssh }];
    const findings = unreachablePeers(met, []).map(({ nodes: names, subject, reason, message: told, remedy }) =>
      finding({ nodes: [...names], subject, status: 'unknown', reason, message: told, remedy: remedyOf(remedy) }),
    );
    const evidence: Evidence = {
      ...evidenceOf(['zebra']),
      nodes: [
        ...evidenceOf(['zebra']).nodes,
        {
          self: false,
          key: name,
          peer: true,
          judged: true,
          unreachable: error.message,
          ssh: error.ssh,
          plan: {},
          facts: {},
        },
      ],
    };
    return { evidence, report: report([check('ports/reachable', findings)], { nodes }) };
  }

  const remedyOf = (remedy: Remedy | undefined) => ({
    text: remedy?.text ?? '',
    commands: [...(remedy?.commands ?? [])],
  });

  test('where it is, as whom and by which key it was tried, and what ssh said', () => {
    const target = {
      host: 'db7.acme.test',
      port: 2222,
      user: 'alice',
      keyFile: '~/.ssh/acme key',
      args: ['-o', "ProxyCommand=ssh -W '%h:%p' falcon@jump", '-Jotter@gate'],
      becomesRoot: true,
    };
    const seen = unreachable(target, 'db7', 'alice@db7.acme.test: Permission denied (publickey) by “gate”.');
    const { evidence, report: shown } = hide(seen.evidence, seen.report);
    expect(shown!.checks[0]!.findings[0]).toMatchObject({
      nodes: ['node-1', 'node-2'],
      subject: 'ssh',
      message: 'ssh could not get into node-2: it said “words-1”.',
      remedy: {
        commands: ["ssh -o BatchMode=yes -p 2222 -l user-1 -i 'file-1' -- node-2.domain-1.example true"],
      },
    });
    expect(evidence.nodes[1]).toMatchObject({
      key: 'node-2',
      ssh: {
        problem: 'login',
        to: ['-p', '2222', '-l', 'user-1', '-i', 'file-1', '--', 'node-2.domain-1.example'],
      },
    });
  });

  test('whatever these are called, nothing of it comes through', () => {
    fc.assert(
      fc.property(fc.array(word(), { minLength: 7, maxLength: 7 }), (words) => {
        fc.pre(new Set(words).size === words.length);
        const [name = '', host = '', user = '', key = '', jump = '', domain = '', said = ''] = words;
        const target = {
          host: `${host}.${domain}.test`,
          port: null,
          user,
          keyFile: `/srv/${key}/id_ed25519`,
          args: ['-J', `${jump}@${said}:22`],
          becomesRoot: false,
        };
        const seen = unreachable(target, name, `${user}@${host}: no such identity: /srv/${key}: ${said}`);
        const hidden = hide(seen.evidence, seen.report);
        const written = [
          JSON.stringify(hidden),
          ...Object.values(formats).map(({ render }) => render(hidden.report!, ALL)),
        ];
        for (const text of written) for (const each of words) expect(text).not.toContain(each);
      }),
      { numRuns: 100 },
    );
  });
});

test('the inventory of a fleet is a file of the user’s', () => {
  const settings = { ...DEFAULTS, inventory: 'falcon/hosts.ini' };
  const seen = report([check('a/b', [finding({ message: 'as falcon/hosts.ini has it' })])], {
    plan: { inventory: { value: 'falcon/hosts.ini', origin: 'flag' } },
  });
  const hidden = redacted({
    evidence: evidenceOf(['w1']),
    report: seen,
    settings,
    told: NOTHING_TOLD,
    files: [],
    isOrdinary,
  });
  expect(JSON.stringify(hidden)).not.toContain('falcon');
  expect(hidden.report!.plan['inventory']!.value).toBe('file-1');
});

describe('between nodes', () => {
  const seen = sixNodes();
  const { report: shown } = hide(evidenceOf(seen.nodes.map(({ name }) => name)), seen);

  test('structure, statuses and reasons stay', () => {
    const outcomes = ({ checks }: Report) =>
      checks.map(({ id, status, findings }) => [id, status, findings.map((each) => [each.status, each.reason])]);
    expect(outcomes(shown!)).toEqual(outcomes(seen));
    expect(shown!.summary).toEqual(seen.summary);
  });

  test.each(Object.entries(formats))('%s names nobody', (_, { render }) => {
    const text = render(shown!, { color: false, ascii: false, width: 100, quiet: false, verbose: true });
    for (const { name, addresses } of seen.nodes) {
      expect(text).not.toMatch(new RegExp(`(?<![\\w-])${name}(?![\\w-])`));
      for (const address of addresses) expect(text.split(/[^\w.:]/)).not.toContain(address);
    }
  });

  test('the ends of a packet are the nodes that the finding names', () => {
    const endsOf = ({ checks, nodes }: Report) =>
      checks
        .flatMap(({ findings }) => findings)
        .flatMap(({ nodes: named, probe }) =>
          probe === undefined
            ? []
            : [probe.from, probe.to].map((end) => [
                named.indexOf(end.node),
                nodes.findIndex(({ name }) => name === end.node),
                nodes.findIndex(({ addresses }) => addresses.includes(end.address ?? '')),
              ]),
        );
    expect(endsOf(seen).length).toBeGreaterThan(10);
    expect(endsOf(shown!)).toEqual(endsOf(seen));
  });
});

describe('whatever the names, addresses and texts', () => {
  const NASTY = [
    'a.b',
    'w1|w2',
    '(w1)',
    '[x',
    '$1',
    '$&',
    '\\d+',
    'x y',
    "it's",
    'é',
    'İx',
    '漢',
    '-',
    '.*',
    'w1',
    'w1-w1',
    'W1',
    'constructor',
    '__proto__',
  ];
  const label = () =>
    fc.oneof(
      fc.constantFrom(...NASTY),
      fc.stringMatching(/^[a-z][a-z0-9-]{2,12}[a-z0-9]$/),
      fc.string({ maxLength: 8 }),
    );
  const mac = () =>
    fc
      .array(fc.integer({ min: 16, max: 255 }), { minLength: 6, maxLength: 6 })
      .map((octets) => octets.map((octet) => octet.toString(16)).join(':'));
  const four = () =>
    fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 1, max: 254 })).map((rest) => `10.${rest.join('.')}`);
  const six = () =>
    fc
      .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 7, maxLength: 7 })
      .map((groups) => `fd00:${groups.map((group) => group.toString(16)).join(':')}`);
  const id = () => fc.stringMatching(/^[0-9][a-f][0-9a-f]{30}$/);
  const uuid = () => fc.uuid();

  test('nothing comes through, the same is always the same, and the shape stays', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z][a-z0-9]{3,8}q[0-9]$/), { minLength: 1, maxLength: 4 }),
        fc.array(fc.oneof(mac(), four(), six(), id(), uuid()), { minLength: 1, maxLength: 6 }),
        fc.array(label(), { maxLength: 3 }),
        (names, values, others) => {
          const all = [...names, ...values];
          const message = all.map((each) => `of ${each}, "${each}" (${each}): ${each}/x ${each}.`).join(' ');
          const text = { ...FAILED, message, subject: names[0]!, nodes: [names[0]!], evidence: { [values[0]!]: all } };
          const seen = report([check('a/b', [finding(text)])], { nodes: names.map((name) => node(name)) });
          const evidence = evidenceOf([...names, ...others], { values });
          const shown = hide(evidence, seen);
          const written = [
            JSON.stringify(shown),
            ...Object.values(formats).map(({ render }) =>
              render(shown.report!, { color: false, ascii: false, width: 10_000, quiet: false, verbose: true }),
            ),
          ]
            .join('\n')
            .toLowerCase();
          for (const each of all) expect(written).not.toContain(each);
          const [told] = shown.report!.checks[0]!.findings;
          // Each thing stands there five times, and is replaced alike.
          const parts = told!.message.split(/(?:^| )of /).slice(1);
          expect(parts).toHaveLength(all.length);
          for (const part of parts) {
            const [, by = ''] = /^(.*?), "/.exec(part) ?? [];
            expect(part).toBe(`${by}, "${by}" (${by}): ${by}/x ${by}.`);
          }
          expect(told!.nodes[0]).toBe(shown.report!.nodes[0]!.name);
          expect(told!.status).toBe('fail');
          expect(Object.keys(told!)).toEqual(Object.keys(text));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('no name wrecks it, and sentences without a name stay as they are', () => {
    fc.assert(
      fc.property(fc.array(label(), { minLength: 1, maxLength: 4 }), (names) => {
        fc.pre(names.every((name) => !/^(?:packets|node|are|not|forwarded)$/i.test(name)));
        const seen = report([check('a/b', [finding({ message: 'Packets of a node are not forwarded.' })])], {
          nodes: names.map((name) => node(name)),
        });
        const shown = hide(evidenceOf(names), seen).report!;
        expect(shown.nodes).toHaveLength(names.length);
        const [told] = shown.checks[0]!.findings;
        expect(told!.message).toBe('Packets of a node are not forwarded.');
        expect(told).toMatchObject({ check: 'a/b', reason: 'enabled', status: 'pass' });
      }),
    );
  });
});
