import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rendering } from '../../../src/report/formats/define-format.ts';
import text from '../../../src/report/formats/text.ts';
import type { Finding, Report } from '../../../src/report/schema.ts';
import { STATUSES } from '../../../src/values/status.ts';
import { FAILED, check, finding, node, report } from '../given.ts';

const PLAIN: Rendering = { color: false, ascii: false, width: 100, quiet: false, verbose: false };
const render = (given: Report, rendering: Partial<Rendering> = {}) => text.render(given, { ...PLAIN, ...rendering });
const linesOf = (given: Report, rendering: Partial<Rendering> = {}) => render(given, rendering).split('\n');
const pass = (id: string) => check(id, [finding()]);
const skip = (id: string, reason: string, subject = 'it') =>
  check(id, [finding({ status: 'skip', reason, subject, message: 'It is skipped.' })]);

describe('the head', () => {
  test('names the node, its role, its stage and the version with its origin', () => {
    expect(linesOf(report([pass('a/b')]))[0]).toBe(
      'w1 (10.0.0.12) as worker, fresh, Kubernetes 1.36 (default), network add-on not named',
    );
  });

  test('says what nobody said', () => {
    const nodes = [node('w1', { roles: ['any'], addresses: [], versionFrom: 'kubeadm' })];
    const plan = { cni: { value: 'flannel', origin: 'flag' } };
    expect(linesOf(report([pass('a/b')], { nodes, plan }))[0]).toBe(
      'w1 as any role, fresh, Kubernetes 1.36 (kubeadm), network add-on flannel',
    );
  });

  test('lists several nodes', () => {
    const nodes = [
      node('cp1', { roles: ['control-plane'], stage: 'joined', addresses: [] }),
      node('worker-2', { self: false }),
    ];
    expect(linesOf(report([pass('a/b')], { nodes })).slice(0, 3)).toEqual([
      '2 nodes, Kubernetes 1.36 (default), network add-on not named',
      '  cp1      as control-plane, joined, this node',
      '  worker-2 (10.0.0.12) as worker, fresh',
    ]);
  });

  test('tells what told the version where one thing did', () => {
    const versionOf = (...nodes: Report['nodes']) =>
      / Kubernetes .*(?=, network)/.exec(linesOf(report([pass('a/b')], { nodes }))[0] ?? '')?.[0].trim();
    const server = node('cp1', { versionFrom: 'kube-apiserver' });
    expect(versionOf(server, node('w1', { versionFrom: 'kubelet' }))).toBe('Kubernetes 1.36');
    expect(versionOf(server, node('w1', { kubernetesVersion: '1.35' }))).toBe('Kubernetes 1.36 and 1.35');
    expect(versionOf(server, { ...server, name: 'cp2' })).toBe('Kubernetes 1.36 (kube-apiserver)');
  });
});

describe('the categories', () => {
  const lineOf = (...checks: Report['checks']) => linesOf(report(checks))[2];

  test('one line each: what is wrong first, passes together', () => {
    expect(lineOf(pass('kernel/a'), check('kernel/b', [FAILED]), pass('kernel/c'))).toBe(
      'kernel   fail     × b  ✓ a, c',
    );
  });

  test('many passes are counted', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => pass(`kernel/${name}`));
    expect(lineOf(...five)).toBe('kernel   pass     ✓ 5 checks');
    expect(lineOf(...five, check('kernel/f', [FAILED]))).toBe('kernel   fail     × f  ✓ 5 more');
  });

  test('a skip says why, once for all that have one reason', () => {
    expect(
      lineOf(skip('x/a', 'not-named', '--join'), skip('x/b', 'other-stage'), skip('x/c', 'not-named', '--join')),
    ).toBe('x   skip     – a, c: no --join  – b: other stage');
    expect(lineOf(skip('x/a', 'not-asked', '--skip x/a'), skip('x/b', 'not-asked', '--skip x/a'))).toBe(
      'x   skip     – a, b: --skip x/a',
    );
    expect(lineOf(skip('x/a', 'not-asked', '--pods'))).toBe('x   skip     – a: no --pods');
  });
});

describe('a finding', () => {
  test('says what was expected, what is, why it matters and what to do', () => {
    expect(render(report([check('kernel/ip-forward', [FAILED])]))).toContain(
      [
        '× kernel/ip-forward  net.ipv4.ip_forward  disabled',
        '    IPv4 packets are not forwarded.',
        '    expected  1',
        '    found     0, set by /etc/sysctl.d/50-hardening.conf:12',
        '    why       Packets from and to pods of this node are dropped, while kubectl get nodes says Ready.',
        '    kubeadm   FileContent--proc-sys-net-ipv4-ip_forward',
        '    fix       Turn it on, now and for every boot.',
        "              echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/99-kubernetes.conf",
        '              sysctl --system',
        '',
      ].join('\n'),
    );
  });

  test("has kubeadm's name at the right edge where it fits", () => {
    const [line] = linesOf(report([check('a/b', [{ ...FAILED, kubeadm: 'Swap' }])]), { quiet: true });
    expect(line).toHaveLength(100);
    expect(line).toMatch(/^× a\/b .* kubeadm: Swap$/);
  });

  test('says what softened it', () => {
    const softened = { ...FAILED, status: 'warn' as const, was: 'fail' as const };
    expect(render(report([check('a/b', [{ ...softened, because: 'role-any' }])]))).toContain(
      'softened  it fails on a node',
    );
    expect(render(report([check('a/b', [{ ...softened, because: 'ignore-preflight-errors' }])]))).toContain(
      'softened  it fails, and --ignore-preflight-errors allows it',
    );
  });

  test('the worst stand first, whatever their check', () => {
    const warn = check('a/a', [{ ...FAILED, status: 'warn' }]);
    const unknown = check('a/b', [finding({ status: 'unknown', reason: 'fact-denied' })]);
    const heads = linesOf(report([warn, unknown, check('a/c', [FAILED])])).filter((line) => /^[×?!] /.test(line));
    expect(heads.map((line) => line.slice(0, 5))).toEqual(['× a/c', '? a/b', '! a/a']);
  });

  test('names its nodes where there are several, and is told once for all that have it', () => {
    const nodes = [node('w1'), node('w2'), node('w3')];
    const both = [FAILED, { ...FAILED, nodes: ['w3'], evidence: { another: 1 } }];
    const output = render(report([check('kernel/ip-forward', both)], { nodes }));
    expect(output).toContain('× kernel/ip-forward  w1, w3  net.ipv4.ip_forward  disabled\n');
    expect(output.split('why  ')).toHaveLength(2);
  });

  test('what several checks could not see is said once', () => {
    const unread = finding({ status: 'unknown', reason: 'fact-denied', subject: 'listeners', message: 'Denied.' });
    expect(render(report([check('a/b', [unread]), check('c/d', [unread])]))).toContain(
      '? a/b, c/d  listeners  fact-denied\n    Denied.\n',
    );
  });

  test('a hundred of one reason stay readable', () => {
    const many = Array.from({ length: 100 }, (_, port) => ({ ...FAILED, subject: `tcp/${port}` }));
    const lines = linesOf(report([check('ports/available', many)]));
    expect(lines.length).toBeLessThan(50);
    expect(lines.join('\n')).toContain('× ports/available  97 more disabled: tcp/3, tcp/4,');
    expect(linesOf(report([check('ports/available', many)]), { verbose: true }).length).toBeGreaterThan(900);
  });

  test('a list of nodes ends somewhere', () => {
    const nodes = Array.from({ length: 500 }, (_, index) => node(`w${index}`));
    const duplicate = { ...FAILED, nodes: nodes.map(({ name }) => name) };
    const output = render(report([check('a/b', [duplicate])], { nodes }));
    expect(output).toContain('w11 and 488 others');
    expect(output.split('\n').length).toBeLessThan(60);
  });
});

describe('the end', () => {
  test('is the verdict with its counts, what it covers, and where to read on', () => {
    const given = report([check('kernel/ip-forward', [FAILED]), pass('a/b'), skip('a/c', 'other-stage')]);
    expect(linesOf(given).slice(-5)).toEqual([
      'NOT READY   1 fail, 0 warn, 1 pass, 1 skip, 0 unknown in 0.08 s',
      'covers      this machine alone; nothing between nodes or pods was tested',
      'more        seaworthy explain kernel/ip-forward',
      'docs        https://example.org/kernel/ip-forward',
      '',
    ]);
  });

  test.each([
    ['interrupted', 'interrupted after 0.08 s'],
    ['budget-spent', 'cut short by --budget after 0.08 s'],
  ] as const)('says what ended the run before its time: %s', (cutShort, words) => {
    const whole = report([pass('a/b')]);
    expect(render({ ...whole, run: { ...whole.run, cutShort } })).toMatch(
      new RegExp(`^READY .*0 unknown ${words}$`, 'm'),
    );
  });

  test('says READY, or UNKNOWN', () => {
    expect(render(report([pass('a/b')]))).toMatch(/^READY {7}0 fail/m);
    const unknown = check('a/b', [finding({ status: 'unknown', reason: 'fact-error' })]);
    expect(render(report([unknown]))).toMatch(/^UNKNOWN {5}0 fail/m);
  });

  test('counts findings too, where they are not as many as checks', () => {
    const port = (subject: string) => ({ ...FAILED, subject });
    const warn = { ...FAILED, subject: 'it', status: 'warn' as const };
    const given = report([check('a/b', [port('tcp/1'), port('tcp/2'), warn]), pass('a/c')]);
    expect(render(given)).toMatch(
      /^NOT READY {3}checks: 1 fail \(2 findings\), 0 warn \(1 finding\), 1 pass, 0 skip, 0 unknown in 0.08 s$/m,
    );
  });

  test('says so when nothing was judged', () => {
    const two = [skip('a/b', 'other-stage'), skip('a/c', 'not-asked')];
    expect(render(report(two))).toMatch(/^READY {7}nothing was judged: all 2 checks were skipped in 0.08 s$/m);
    expect(render(report(two.slice(1)))).toMatch(/^READY {7}nothing was judged: the one check was skipped in 0.08 s$/m);
  });

  test.each<[Report['plan'], string]>([
    [{ root: { value: '/mnt/disk', origin: 'flag' } }, 'the directory /mnt/disk alone;'],
    [{ facts: { value: ['a.json'], origin: 'flag' } }, 'saved facts of one machine alone;'],
    [{ only: { value: ['kernel'], origin: 'flag' } }, 'this machine alone; of its checks what --only kernel left;'],
  ])('does not promise more than was looked at: %j', (plan, said) => {
    expect(render(report([pass('a/b')], { plan }))).toContain(`covers      ${said}`);
  });
});

test('--quiet: what is not pass or skip, and the verdict', () => {
  expect(render(report([pass('a/b'), skip('a/c', 'other-stage')]), { quiet: true })).toBe(
    'READY       0 fail, 0 warn, 1 pass, 1 skip, 0 unknown in 0.08 s\n' +
      'covers      this machine alone; nothing between nodes or pods was tested\n',
  );
  expect(linesOf(report([check('a/b', [FAILED]), pass('a/c')]), { quiet: true })[0]).toContain('× a/b');
});

test('--verbose: every finding', () => {
  const output = render(report([pass('a/b'), skip('a/c', 'other-stage')]), { verbose: true });
  expect(output).toContain('✓ a/b  net.ipv4.ip_forward  enabled  IPv4 packets are forwarded.\n');
  expect(output).toContain('– a/c  it  other-stage  It is skipped.\n');
});

test('a mark stays with its word', () => {
  const skipped = Array.from({ length: 9 }, (_, index) => skip(`category/check-${index}`, `reason-${index}`));
  for (let width = 40; width < 120; width++) {
    for (const line of linesOf(report(skipped), { width })) expect(line).not.toMatch(/–$/);
  }
});

test('colour is said with escape codes, and only where it may be', () => {
  const given = report([check('a/b', [FAILED]), pass('a/c')]);
  // oxlint-disable-next-line no-control-regex
  const bare = render(given, { color: true }).replaceAll(/\u001B\[\d+m/g, '');
  expect(bare).toBe(render(given));
  expect(render(given, { color: true })).not.toBe(bare);
});

/** Text from outside: letters, control and formatting characters, very long words. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '\u001B[2J\u001B]0;title\u0007',
    'a\nb\r\nc\td',
    '\u202Egnp.exe',
    'x'.repeat(700),
    '→ “quoted” – …',
    '',
  ),
);

const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    check: fc.constant('a/b'),
    nodes: fc.array(hostile, { minLength: 1, maxLength: 3 }),
    subject: hostile,
    status: fc.constantFrom(...STATUSES),
    reason: fc.constantFrom('one', 'two', 'fact-denied', 'not-named'),
    message: hostile,
    why: hostile,
    expected: hostile,
    actual: hostile,
    kubeadm: fc.constantFrom('Port-10250', 'Swap', 'x'.repeat(50)),
    because: fc.constantFrom('role-any', 'ignore-preflight-errors', 'waiver'),
    remedy: fc.record({
      text: hostile,
      commands: fc.array(
        hostile.map((each) => `RUN${each.replaceAll('\n', '')}`),
        { maxLength: 2 },
      ),
    }),
  },
  { requiredKeys: ['check', 'nodes', 'subject', 'status', 'reason', 'message'] },
);

const anyReport = fc
  .record({
    checks: fc.array(
      fc.record({
        id: fc.constantFrom('a/b', 'kernel/x', `${'long'.repeat(40)}/y`),
        findings: fc.array(anyFinding, { minLength: 1, maxLength: 6 }),
      }),
      { maxLength: 6 },
    ),
    names: fc.array(hostile, { minLength: 1, maxLength: 3 }),
    plan: fc.dictionary(
      fc.constantFrom('cni', 'only', 'root', 'facts'),
      fc.record({ value: hostile, origin: hostile }),
    ),
  })
  .map(({ checks, names, plan }) =>
    report(
      checks.map(({ id, findings }) => check(id, findings)),
      { nodes: names.map((name) => node(name)), plan },
    ),
  );

const anyRendering = fc.record({
  color: fc.constant(false),
  ascii: fc.boolean(),
  width: fc.integer({ min: 40, max: 300 }),
  quiet: fc.boolean(),
  verbose: fc.boolean(),
});

test('whatever is in it: no line wider than the page, no control characters, and ASCII where it was asked for', () => {
  fc.assert(
    fc.property(anyReport, anyRendering, (given, rendering) => {
      const output = text.render(given, rendering);
      expect(output.endsWith('\n')).toBe(true);
      expect(output).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(rendering.ascii ? output : '').toMatch(/^\p{ASCII}*$/u);
      const wide = output.split('\n').filter((line) => Array.from(line).length > rendering.width);
      expect(wide.filter((line) => !/^ +RUN|https:/.test(line))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a command is never broken', () => {
  const long = `sysctl -w ${'net.ipv4.conf.all.rp_filter=0 '.repeat(20)}`.trim();
  const given = report([
    check('a/b', [{ ...FAILED, remedy: { text: 'Do.', commands: [long, 'first \\\n  second'] } }]),
  ]);
  const lines = linesOf(given, { width: 40 });
  expect(lines).toContain(' '.repeat(14) + long);
  expect(lines).toContain(`${' '.repeat(14)}first \\`);
  expect(lines).toContain(`${' '.repeat(14)}  second`);
});

test('an address on the web is never broken', () => {
  const url = `https://example.org/${'long/'.repeat(30)}`;
  const given = report([check('a/b', [{ ...FAILED, message: `Read ${url} first.` }])]);
  expect(linesOf(given, { width: 60 })).toContain(`    Read ${url}`);
});

test('a page has at least 40 and at most 300 columns', () => {
  const given = report([check('a/b', [{ ...FAILED, message: 'word '.repeat(200) }])]);
  expect(render(given, { width: 1 })).toBe(render(given, { width: 40 }));
  expect(render(given, { width: 5_000 })).toBe(render(given, { width: 300 }));
});
