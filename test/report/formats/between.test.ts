import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rendering } from '../../../src/report/formats/define-format.ts';
import text from '../../../src/report/formats/text.ts';
import { reportSchema, type Finding, type Report } from '../../../src/report/schema.ts';
import { STATUSES } from '../../../src/values/status.ts';
import { clusterReport, pairsOf, seen, sixNodes } from '../cluster.ts';
import { check, finding, report } from '../given.ts';

const PLAIN: Rendering = { color: false, ascii: false, width: 100, quiet: false, verbose: false };
const render = (given: Report, rendering: Partial<Rendering> = {}) =>
  text.render(reportSchema.parse(given), { ...PLAIN, ...rendering });
const linesOf = (given: Report, rendering: Partial<Rendering> = {}) => render(given, rendering).split('\n');
const LOST = { status: 'fail', reason: 'request-lost' } as const;
const many = (count: number) => Array.from({ length: count }, (_, index) => `w${index + 1}`);

/** Names of the columns or rows that a matrix shows. */
const headOf = (lines: readonly string[]) => lines.find((line) => line.startsWith('from \\ to'));

test('six nodes: the nodes, the matrix, one block for each story, the verdict and what it covers', () => {
  expect(linesOf(sixNodes())).toEqual([
    '6 nodes, Kubernetes 1.36 (default), network add-on not named',
    '  cp1 (10.0.0.11) as control-plane, fresh',
    '  cp2 (10.0.0.12) as control-plane, fresh',
    '  cp3 (10.0.0.13) as control-plane, fresh',
    '  w1  (10.0.0.14) as worker, fresh',
    '  w2  (10.0.0.15) as worker, fresh',
    '  w3  (10.0.0.16) as worker, fresh',
    '',
    '6 nodes, 30 directed pairs, 49 probes, 3.1 s',
    '',
    'from \\ to             cp1   cp2   cp3   w1    w2    w3',
    'cp1        10.0.0.11  .     ok    ok    ok    FAIL  ?',
    'cp2        10.0.0.12  ok    .     ok    ok    FAIL  ?',
    'cp3        10.0.0.13  ok    ok    .     ok    FAIL  ?',
    'w1         10.0.0.14  ok    ok    ok    .     ok    ok',
    'w2         10.0.0.15  ok    ok    ok    ok    .     FAIL',
    'w3         10.0.0.16  ?     ?     ?     ok    ok    .',
    '',
    '× cp1, cp2, cp3 → w2  tcp/10250  request-lost  kube-apiserver → kubelet              ports/reachable',
    '    cp1 reaches tcp/10250 of w2. Likewise for the others.',
    '    senders   silence for 1.5 s, looked at twice',
    '    receiver  our listener was up, nothing arrived',
    '    fix       Let tcp/10250 in on w2.',
    '              firewall-cmd --permanent --add-port=10250/tcp',
    '',
    '× w2 → w3  udp/8472  reply-lost  VXLAN (flannel)                                     ports/reachable',
    '    w2 reaches udp/8472 of w3.',
    '    sender    silence for 1.5 s, looked at twice',
    '    receiver  our listener was up, 8 arrived, 8 answered',
    '    fix       Let udp/8472 in on w3.',
    '              firewall-cmd --permanent --add-port=8472/udp',
    '',
    '× cp1 → w2  tcp/30500-30999  request-lost  NodePort (500 of 2,768; the rest is open)',
    '    cp1 reaches tcp/30500-30999 of w2.',
    '    sender    silence for 1.5 s, looked at twice',
    '    receiver  our listener was up, nothing arrived',
    '    check     ports/node-ports-reachable',
    '    fix       Let tcp/30500-30999 in on w2.',
    '              firewall-cmd --permanent --add-port=30500-30999/tcp',
    '',
    '? w3 ↔ cp1, cp2, cp3  9 probes  undecided                                            ports/reachable',
    '    w3 answered its control channel 900 ms late: too loaded to tell.',
    '',
    '! kernel/ip-forward  w2  net.ipv4.ip_forward  odd',
    '    Odd.',
    '    fix       Mend it.',
    '',
    'NOT READY   checks: 2 fail (5 findings), 1 warn, 0 pass, 0 skip, 0 unknown (9 findings) in 3.10 s',
    "covers      all 30 pairs that the roles need; every node's own checks: w2 warn, 5 pass; pods not",
    '            asked for',
    'more        seaworthy explain ports/reachable',
    'docs        https://example.org/ports/reachable',
    '',
  ]);
});

test('--quiet has the stories without the matrix, --verbose every finding by itself', () => {
  const quiet = render(sixNodes(), { quiet: true });
  expect(quiet).not.toContain('from \\ to');
  expect(quiet.startsWith('× cp1, cp2, cp3 → w2')).toBe(true);
  const verbose = linesOf(sixNodes(), { verbose: true });
  for (const sender of ['cp1', 'cp2', 'cp3']) {
    expect(verbose.filter((line) => line.startsWith(`× ${sender} → w2  tcp/10250  request-lost`))).toHaveLength(1);
  }
  expect(verbose).toContain('✓ w1 → w2  udp/8472  open  VXLAN (flannel)  w1 reaches udp/8472 of w2.');
});

test('--ascii', () => {
  const output = render(sixNodes(), { ascii: true });
  expect(output).toMatch(/^[\n\x20-\x7E]+$/);
  expect(output).toContain('XX cp1, cp2, cp3 -> w2  tcp/10250');
  expect(output).toContain('?? w3 <-> cp1, cp2, cp3  9 probes');
});

describe('this node and a peer', () => {
  const names = ['w1', 'cp1'];
  const well = pairsOf(names).map(([from, to]) => seen(from, to));

  test('all is well: two lines', () => {
    const lines = linesOf(clusterReport({ names, self: 'w1', reachable: well }));
    expect(lines).toContain('  w1  (10.0.0.11) as worker, fresh, this node');
    expect(lines).toContain('ports   pass     ✓ reachable');
    expect(lines).toContain('2 nodes, 2 directed pairs, 2 probes, 3.1 s: nothing wrong between them');
    expect(headOf(lines)).toBeUndefined();
    expect(lines.join('\n').replaceAll(/\n {12}/g, ' ')).toContain(
      'covers      this node and 1 peer (2 of 2 pairs that the roles need); of the peer only what is between it and this node; pods not asked for',
    );
  });

  test('something is wrong, or all is asked for: the matrix', () => {
    const wrong = clusterReport({ names, self: 'w1', reachable: [seen('w1', 'cp1'), seen('cp1', 'w1', LOST)] });
    expect(linesOf(wrong)).toContain('cp1        10.0.0.12  FAIL  .');
    expect(headOf(linesOf(clusterReport({ names, self: 'w1', reachable: well }), { verbose: true }))).toBeDefined();
  });

  test('a peer that could not be had is unknown both ways, and pairs that nobody asked for are not tested', () => {
    const three = ['w1', 'cp1', 'cp2'];
    const unreachable = finding({
      nodes: ['w1', 'cp1'],
      subject: 'tcp/10777',
      status: 'unknown',
      reason: 'peer-unreachable',
      message: 'cp1 refuses connections to its control port.',
    });
    const lines = linesOf(clusterReport({ names: three, self: 'w1', reachable: [unreachable, seen('w1', 'cp2')] }));
    expect(lines).toContain('w1         10.0.0.11  .     ?     ok');
    expect(lines).toContain('cp1        10.0.0.12  ?     .     -');
    expect(lines.join('\n')).toMatch(
      /\? w1 → cp1 {2}tcp\/10777 {2}peer-unreachable +ports\/reachable\n {4}cp1 refuses connections to its control port\.\n/,
    );
  });
});

describe('stories', () => {
  const blocksOf = (reachable: Report['checks'][number]['findings'], names = many(5)) =>
    linesOf(clusterReport({ names, reachable })).filter((line) => /^[×?!] /.test(line));
  const titles = (blocks: readonly string[]) => blocks.map((line) => /^. (.*?) {2}/.exec(line)?.[1]);

  test('several senders, one receiver', () => {
    expect(titles(blocksOf([seen('w1', 'w2', LOST), seen('w3', 'w2', LOST)]))).toEqual(['w1, w3 → w2']);
  });

  test('senders whose packets were lost in different places: each says where', () => {
    const lost = (from: string, lostAt: string) => seen(from, 'w2', { ...LOST, over: { evidence: { lostAt } } });
    const textOf = (...found: Finding[]) => linesOf(clusterReport({ names: many(5), reachable: found })).join('\n');
    expect(textOf(lost('w1', 'peer-input'), lost('w3', 'before-peer'))).toMatch(
      /w1 reaches tcp\/10250 of w2\.\s+w3 reaches tcp\/10250 of w2\./,
    );
    expect(textOf(lost('w1', 'peer-input'), lost('w3', 'peer-input'))).toContain('Likewise for the others.');
  });

  test('both directions', () => {
    const both = [seen('w1', 'w2', LOST), seen('w2', 'w1', LOST), seen('w1', 'w3', LOST), seen('w3', 'w1', LOST)];
    expect(titles(blocksOf(both))).toEqual(['w1 ↔ w2, w3']);
  });

  test('all of them', () => {
    expect(titles(blocksOf(pairsOf(many(4)).map(([from, to]) => seen(from, to, LOST))))).toEqual([
      'w1, w2, w3, w4 ↔ each other',
    ]);
  });

  test('one sender, where it is the sender that is to be mended', () => {
    const remedy = { text: 'Let it out on w1.' };
    const blocked = ['w2', 'w3', 'w4'].map((to) =>
      seen('w1', to, { status: 'fail', reason: 'blocked-locally', over: { remedy } }),
    );
    expect(titles(blocksOf(blocked))).toEqual(['w1 → w2, w3, w4']);
    expect(blocksOf(['w2', 'w3'].map((to) => seen('w1', to, LOST)))).toHaveLength(2);
  });

  test('another port, reason or purpose is another story', () => {
    const four = [
      seen('w1', 'w2', LOST),
      seen('w3', 'w2', { ...LOST, port: '6443' }),
      seen('w4', 'w2', { ...LOST, purpose: 'etcd' }),
      seen('w5', 'w2', { status: 'fail', reason: 'rejected' }),
    ];
    expect(blocksOf(four)).toHaveLength(4);
  });

  test('a path without a port', () => {
    const hole = finding({
      nodes: ['w1', 'w2'],
      subject: 'IPv4 path',
      status: 'fail',
      reason: 'black-hole',
      message: 'Packets of more than 1400 bytes vanish.',
      expected: '1500 bytes',
      remedy: { text: 'Set 1400.' },
    });
    const output = render(clusterReport({ names: many(3), reachable: [hole, seen('w2', 'w1')] }));
    expect(output).toContain('× w1 → w2  IPv4 path  black-hole');
    expect(output).toContain('    expected  1500 bytes\n');
    expect(output).toContain('w1         10.0.0.11  .     FAIL  -\n');
  });

  test('no finding is lost, whoever is in it', () => {
    const pairs = fc.uniqueArray(fc.constantFrom(...pairsOf(many(7))), { minLength: 1, selector: String });
    fc.assert(
      fc.property(pairs, (chosen) => {
        const given = clusterReport({ names: many(7), reachable: chosen.map(([from, to]) => seen(from, to, LOST)) });
        const told = linesOf(given, { width: 300, quiet: true })
          .filter((line) => line.startsWith('×'))
          .flatMap((line) => [...line.matchAll(/((?:w\d, )*w\d) ([→↔]) (each other|(?:w\d, )*w\d)/g)])
          .flatMap(([, left = '', arrow, right = '']) => {
            const senders = left.split(', ');
            if (right === 'each other') return pairsOf(senders);
            const there = senders.flatMap((from) => right.split(', ').map((to): [string, string] => [from, to]));
            return arrow === '→' ? there : [...there, ...there.map(([a, b]): [string, string] => [b, a])];
          });
        expect(told.map(String).sort()).toEqual(chosen.map(String).sort());
      }),
    );
  });
});

describe('many nodes', () => {
  const thirty = many(30);

  test('only rows and columns with something wrong, and it says so', () => {
    const lines = linesOf(
      clusterReport({
        names: thirty,
        reachable: pairsOf(thirty).map(([from, to]) => seen(from, to, to === 'w7' && from < 'w13' ? LOST : {})),
      }),
    );
    expect(headOf(lines)).toBe('from \\ to             w7');
    expect(lines.filter((line) => line.endsWith('  FAIL'))).toHaveLength(4);
    expect(lines.join('\n')).toContain('something wrong: 4 that send and 1 that receive, of 30 nodes');
  });

  test('all is well: no matrix', () => {
    const lines = linesOf(
      clusterReport({ names: thirty, reachable: pairsOf(thirty).map(([from, to]) => seen(from, to)) }),
    );
    expect(lines).toContain('30 nodes, 870 directed pairs, 870 probes, 3.1 s: nothing wrong between them');
    expect(headOf(lines)).toBeUndefined();
    expect(lines.length).toBeLessThan(40);
  });

  test('names that do not fit stand for themselves by number', () => {
    const names = Array.from({ length: 12 }, (_, index) => `worker-${index}.prod.example.org`);
    const lines = linesOf(
      clusterReport({
        names,
        reachable: pairsOf(names).map(([from, to]) => seen(from, to, to === names[4] ? LOST : {})),
      }),
      { width: 80 },
    );
    expect(headOf(lines)).toMatch(/^from \\ to +1 {2}2 {2}3 {2}4 {2}5 {2}6 {2}7 {2}8 {2}9 {2}10 11 12$/);
    expect(lines.some((line) => /^1 {2}worker-0\.prod\.\S+… +\. {2}✓ {2}✓ {2}✓ {2}× {2}✓/.test(line))).toBe(true);
    expect(lines).toContain('  ✓ gets through  × does not  ! with a warning  ? not known  - not tested');
  });

  test('a sample is called one', () => {
    const sixty = many(60);
    const reachable = [
      ...sixty.slice(1).map((from) => seen(from, 'w1')),
      finding({ nodes: sixty, subject: 'coverage', status: 'skip', reason: 'sampled', message: 'From 10 neighbours.' }),
    ];
    const output = render(clusterReport({ names: sixty, reachable, coverage: { pairs: 3_540, pairsTested: 1_159 } }), {
      width: 300,
    });
    expect(output).toContain('60 nodes, 1,159 directed pairs, 59 probes');
    expect(output).toContain(
      'covers      1,159 of 3,540 pairs that the roles need; sampled: From 10 neighbours; pods not asked for',
    );
  });
});

/** Names from outside: control characters, very long, wide arrows, nothing at all. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('\u001B[2J', 'a\nb', '\u202Egnp', 'x'.repeat(400), ' → ', '   ', ''),
);

test('whatever the names: no line wider than the page, no control characters, ASCII where it was asked for', () => {
  const given = fc
    .record({
      names: fc.uniqueArray(hostile, { minLength: 2, maxLength: 26 }),
      status: fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 9 }),
      words: hostile,
    })
    .map(({ names, status, words }) =>
      clusterReport({
        names,
        reachable: pairsOf(names).map(([from, to], index) =>
          seen(from, to, {
            status: status[index % status.length] ?? 'pass',
            reason: index % 3 === 0 ? 'undecided' : 'request-lost',
            purpose: words,
            receiver: { listener: words, source: words },
            over: { remedy: { text: words, commands: [] } },
          }),
        ),
      }),
    );
  const rendering = fc.record({
    color: fc.constant(false),
    ascii: fc.boolean(),
    width: fc.integer({ min: 40, max: 300 }),
    quiet: fc.boolean(),
    verbose: fc.boolean(),
  });
  fc.assert(
    fc.property(given, rendering, (report, how) => {
      const output = text.render(report, how);
      expect(output).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(how.ascii ? output : '').toMatch(/^\p{ASCII}*$/u);
      const wide = output.split('\n').filter((line) => Array.from(line).length > how.width);
      expect(wide.filter((line) => !line.includes('https:'))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

describe('pods', () => {
  const pods = (from: string, to: string, given: Parameters<typeof seen>[2] = {}) => {
    const each = seen(from, to, { port: '41234', purpose: 'pod → pod', ...given });
    const { probe } = each;
    if (probe === undefined) return each;
    return { ...each, subject: 'pod → pod tcp', probe: { ...probe, to: { ...probe.to, pod: '10.244.2.10' } } };
  };
  const names = ['w1', 'w2', 'w3'];
  const reachable = pairsOf(names).map(([from, to]) => seen(from, to));
  const covered = { pods: 'tested' } as const;

  test('have a matrix of their own below that of the nodes, and what happened alike is told once', () => {
    const between = pairsOf(names).map(([from, to], index) =>
      pods(from, to, { ...(to === 'w2' ? LOST : {}), port: String(41_000 + index) }),
    );
    const lines = linesOf(clusterReport({ names, reachable, pods: between, coverage: covered }));
    expect(lines.slice(lines.indexOf('pods \\ to             w1    w2    w3')).slice(0, 4)).toEqual([
      'pods \\ to             w1    w2    w3',
      'w1         10.0.0.11  .     FAIL  ok',
      'w2         10.0.0.12  ok    .     ok',
      'w3         10.0.0.13  ok    FAIL  .',
    ]);
    expect(lines).toContain('w1         10.0.0.11  .     ok    ok');
    expect(lines.find((line) => line.startsWith('×'))).toMatch(
      /^× w1, w3 → w2 {2}pod → pod tcp {2}request-lost +pods\/cross-node$/,
    );
    expect(lines.join(' ')).toContain('throw-away pods');
  });

  test('of a node whose pods could not be had are not known', () => {
    const absent = finding({ nodes: ['w3'], subject: 'pods', status: 'unknown', reason: 'busy', message: 'Busy.' });
    const between = [pods('w1', 'w2'), pods('w2', 'w1'), absent];
    const lines = linesOf(clusterReport({ names, reachable, pods: between, coverage: covered }));
    expect(lines).toContain('w3         10.0.0.13  ?     ?     .');
    expect(lines.filter((line) => line.startsWith('?'))).toEqual(['? pods/cross-node  w3  pods  busy']);
  });

  test('have no matrix where none were asked for', () => {
    expect(render(clusterReport({ names, reachable }))).not.toContain('pods \\ to');
  });

  test.each([
    ['tested', 'this machine alone; existing pods; nothing between nodes was tested'],
    ['not-tested', 'this machine alone; pods asked for, and none could be tested; nothing between nodes was tested'],
    ['not-asked', 'this machine alone; nothing between nodes or pods was tested'],
  ] as const)('of one machine: %s', (tested, said) => {
    const given = report([check('a/b', [finding()])], {
      plan: { pods: { value: 'existing', origin: 'flag' } },
      coverage: { nodes: 1, pairs: 0, pairsTested: 0, pods: tested },
    });
    expect(render(given, { width: 140 })).toContain(`covers      ${said}`);
  });

  /** What one side alone says of pods of nodes of the cluster that take no part. */
  const oneSided = (...others: readonly string[]) =>
    others.map((name) => finding({ subject: `pod → pods of ${name}`, status: 'pass', reason: 'open' }));

  test.each([
    [oneSided('w2'), 'pods of 1 node of the cluster from one side alone; nothing else between nodes was tested'],
    [
      [pods('w1', 'w1'), ...oneSided('w2', 'w3', 'w3')],
      'existing pods; pods of 2 nodes of the cluster from one side alone; nothing else between nodes was tested',
    ],
    [
      [pods('w1', 'w1'), finding({ subject: 'pod → pods of w2', status: 'unknown', reason: 'undecided' })],
      'existing pods; nothing between nodes was tested',
    ],
  ])('of a cluster: which were tried from one side alone (%#)', (findings, said) => {
    const given = report([check('pods/cross-node', findings)], {
      plan: { pods: { value: 'existing', origin: 'flag' } },
      coverage: { nodes: 1, pairs: 0, pairsTested: 0, pods: 'tested' },
    });
    expect(render(given, { width: 160 })).toContain(`covers      this machine alone; ${said}`);
  });

  test('of one node: both ends of a way between them are told', () => {
    const own = { ...pods('w1', 'w1', LOST), subject: 'pod 0 → pod 1 tcp', actual: 'pod 0: silence; pod 1: nothing' };
    const lines = linesOf(report([check('pods/same-node', [own])]));
    expect(lines).toContain('× pods/same-node  pod 0 → pod 1 tcp  request-lost');
    expect(lines).toContain('    found     pod 0: silence; pod 1: nothing');
  });
});
