import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import type { State } from '../../src/tui/state/state.ts';
import type { Finding } from '../../src/report/schema.ts';
import { picture } from '../../src/tui/views/packet.ts';
import { strip } from '../../src/tui/views/strip.ts';
import { clusterReport, seen, sixNodes } from '../report/cluster.ts';
import { check, FAILED, finding, report } from '../report/given.ts';
import { after, opened, press, replayed, screen, text, withReport } from './given.ts';
import { recording } from './recordings.ts';

const SIZES = [
  { columns: 60, rows: 15 },
  { columns: 80, rows: 24 },
  { columns: 100, rows: 30 },
  { columns: 300, rows: 100 },
] as const;

const LOOK = { color: false, ascii: false };

/** Every view, of a run between nodes. */
function views(state: State): readonly (readonly [name: string, state: State])[] {
  return [
    ['before the first event', opened(state.size)],
    ['half way', replayed(opened(state.size), recording('between-nodes'), 30)],
    ['overview', state],
    ['faults', press(state, 'f')],
    ['nothing matches', press(state, '/', 'x', 'x', 'x', 'x')],
    ['category', press(state, 'g')],
    ['findings', press(state, 'G', 'N', 'N', 'enter')],
    ['pair', press(state, 'm', 'enter')],
    ['matrix', press(state, 'm')],
    ['layer', press(state, 'm', 'tab', 'tab', 'tab')],
    ['finding', press(state, 'm', 'enter', 'enter')],
    ['remedy', press(state, 'x')],
    ['log', press(state, 'L')],
    ['help', press(state, '?')],
    [
      'page',
      after(press(state, 'e'), {
        type: 'page',
        check: 'host/container-runtime',
        text: '# a\n\nb `c`\n\n| d | e |\n|---|---|\n| f | g |\n\n- h\n\n```\ni\n```\n',
      }),
    ],
    ['save', press(state, 's')],
    ['peer', after(state, { type: 'peerAsked', needsToken: true })],
    ['notice', after(state, { type: 'told', text: 'A sentence. '.repeat(60), wrong: true, now: state.now })],
  ];
}

test.for(SIZES.flatMap((size) => [false, true].map((ascii) => ({ ...size, ascii }))))(
  'everything fits into $columns x $rows (ascii: $ascii)',
  ({ columns, rows, ascii }) => {
    const state = replayed(opened({ columns, rows }), recording('between-nodes'));
    for (const [name, each] of views(state)) {
      const shown = screen(each, { color: true, ascii });
      expect(shown.length, name).toBe(rows);
      expect(
        shown.filter((line) => stringWidth(line) > columns),
        name,
      ).toEqual([]);
      expect(shown[0], name).toContain('seaworthy');
      expect(shown.slice(-2).join(' '), name).not.toBe(' ');
      expect(shown.join(''), name).toMatch(ascii ? /^[\u0020-\u007E]*$/ : /^.*$/);
    }
  },
);

test.each([
  [{}, 'this machine and its pods, not what is between nodes'],
  [{ subject: 'pod → pods of w2' }, 'this machine and pods from one side alone, not what else is between nodes'],
])('of pods of a cluster it says that one side alone was seen (%#)', (over, said) => {
  const coverage = { nodes: 1, pairs: 0, pairsTested: 0, pods: 'tested' as const };
  const given = report([check('pods/cross-node', [finding(over)])], { coverage });
  expect(text(withReport(opened(), given))).toContain(`covers ${said}`);
});

test('overview: who, the verdict and what it covers, the worst finding with what to do', () => {
  const shown = text(replayed(opened(), recording('between-nodes')));
  for (const part of [
    'cp1',
    '10.77.0.11',
    'control-plane, fresh',
    'NOT READY',
    'covers this node and 3 peers',
    'expected',
    'found',
    'fix',
    'judged',
  ])
    expect(shown).toContain(part);
  expect(shown).toMatch(/× fail {4}ip-forward/);
});

test('columns drop out as the width shrinks, the reason last of all', () => {
  const at = (columns: number) => {
    const state = replayed(opened({ columns, rows: 30 }), recording('between-nodes'));
    return screen(press(state, 'm', 'n', 'enter'))[4] ?? '';
  };
  expect(at(120)).toMatch(/from +to +port +why it is needed +reason +proof +tries/);
  expect(at(60)).toMatch(/from +to +port +reason/);
  expect(at(60)).not.toContain('why');
});

test('only rows that are seen are drawn, and the selected one is among them', () => {
  const many = Array.from({ length: 2_000 }, (_, index) =>
    finding({
      subject: `net.${index}`,
      ...(index === 1_500 ? { status: 'fail' as const, remedy: { text: 'Mend it.' } } : {}),
    }),
  );
  const state = press(withReport(opened(), report([check('kernel/ip-forward', many)])), 'enter');
  expect(text(state)).toContain('net.1500');
  expect(text(press(state, 'G'))).toContain('net.1999');
  expect(text(state)).toMatch(/1501 of 2000/);
});

test('what changed since the run before is marked', () => {
  const state = withReport(opened(), report([check('kernel/ip-forward', [finding()])]));
  const worse = withReport(state, report([check('kernel/ip-forward', [FAILED])]));
  expect(text(worse)).toContain('was pass');
  expect(text(worse)).toContain('before that: pass');
});

/** The picture of what a packet met. */
function drawn(over: Parameters<typeof seen>[2], evidence?: Finding['evidence']): string {
  const given = seen('cp1', 'w1', over);
  return picture(evidence === undefined ? given : { ...given, evidence }, 90, LOOK).join('\n');
}

test.for([
  ['open', {}, /───▶ │[^]*◀───/, null],
  ['request-lost', { status: 'fail', reason: 'request-lost' }, /▶ ×  +│/, 'lost on the way there'],
  ['reply-lost', { status: 'fail', reason: 'reply-lost' }, /× ◀─/, 'the answer was lost'],
  [
    'rejected',
    { status: 'fail', reason: 'rejected', sender: { outcome: 'refused', errno: 'ECONNREFUSED' } },
    /▶ × │[^]*◀/,
    'an error came back',
  ],
  ['source-rewritten', { status: 'warn', reason: 'source-rewritten' }, /▶ /, 'NAT on the way'],
  ['undecided', { status: 'unknown', reason: 'undecided' }, /▶ \?/, null],
] as const)('the packet is drawn between its ends: %s', ([, over, line, note]) => {
  const shown = drawn(over);
  expect(shown).toMatch(line);
  expect(shown).toContain('tcp/10250');
  expect(shown).toContain(note ?? 'cp1');
});

test('where the counters of both ends tell the place, it is drawn there', () => {
  const lost = { status: 'fail', reason: 'request-lost' } as const;
  expect(drawn(lost, { lostAt: 'before-peer' })).toContain('it never reached the receiver');
  expect(drawn(lost, { lostAt: 'peer-input' })).toMatch(/▶ × │/);
  expect(drawn({ status: 'fail', reason: 'reply-lost' }, { lostAt: 'peer-output' })).toContain(
    'dropped its own answer',
  );
});

test('a narrow screen has the ends one above the other', () => {
  const shown = picture(seen('cp1', 'w1', { status: 'fail', reason: 'request-lost' }), 59, LOOK).join('\n');
  expect(shown).toMatch(/cp1[^]*tcp\/10250[^]*×[^]*w1/);
});

test('a swept range is drawn from end to end, and a hole is seen', () => {
  const all = sixNodes().checks.flatMap(({ findings }) => findings);
  const hole = all.find(({ probe }) => probe?.to.port === '30500-30999')!;
  const [title, line] = strip(hole, all, 100, LOOK);
  expect(title).toContain('30000-32767');
  expect(line).toMatch(/^ 30000 ✓+◐?×+◐?✓+ 32767$/);
  expect(strip(FAILED, all, 100, LOOK)).toEqual([]);
});

test('the matrix of a hundred nodes keeps the selected cell in sight', () => {
  const names = Array.from({ length: 100 }, (_, index) => `node${index}`);
  const reachable = [seen('node98', 'node99', { status: 'fail', reason: 'request-lost' }), seen('node0', 'node1')];
  const state = press(withReport(opened(), clusterReport({ names, reachable })), 'm');
  expect(text(state)).toMatch(/node98 .*\[× 1\]/);
  expect(text(press(state, 'f'))).toMatch(/node98 +\[× 1\]/);
});

test('what comes from outside loses its control characters', () => {
  const evil = { ...FAILED, message: 'a\u001B[2Jb\u202Ec\u0007', subject: 'x\u001B]0;t\u0007' };
  const state = withReport(opened(), report([check('kernel/ip-forward', [evil])]));
  for (const each of [state, press(state, 'enter'), press(state, 'x')])
    expect(screen(each).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
