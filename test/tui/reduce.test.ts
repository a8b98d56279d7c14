import { expect, test } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { BINDINGS } from '../../src/tui/state/bindings/bindings.ts';
import { selectedFinding } from '../../src/tui/state/findings.ts';
import { reduce } from '../../src/tui/state/reduce.ts';
import { rowsOf, selectedRow } from '../../src/tui/state/rows.ts';
import { viewOf, type State } from '../../src/tui/state/state.ts';
import { check, FAILED, finding, report } from '../report/given.ts';
import { after, asked, eventsOf, NOON, opened, press, replayed, text, withReport } from './given.ts';
import { recording } from './recordings.ts';

test.for(['one-node', 'between-nodes'] as const)('the recording of %s is one of today’s reports', (name) => {
  const last = recording(name).at(-1)?.event;
  expect(last?.type === 'finished' && reportSchema.safeParse(last.report).success).toBe(true);
});

const one = () => replayed(opened(), recording('one-node'));
const between = () => replayed(opened(), recording('between-nodes'));

const selected = (state: State): string => {
  const view = viewOf(state);
  const row = view.kind === 'overview' ? selectedRow(rowsOf(state), view.selected) : undefined;
  return row?.key ?? '';
};

test('a run comes in event by event, and there is no verdict before its end', () => {
  const events = recording('one-node');
  const half = replayed(opened(), events, Math.floor(events.length / 2));
  expect(half.results.running).not.toBeNull();
  expect(half.results.report).toBeNull();
  expect(text(half)).toContain('CHECKING');
  expect(text(half)).not.toMatch(/READY/);
  const whole = one();
  expect(whole.results.running).toBeNull();
  expect(text(whole)).toContain('NOT READY');
});

test('the worst is selected before anybody chose, and what was chosen stays selected', () => {
  const state = one();
  const first = selectedFinding(state);
  expect(first?.status).toBe('fail');
  const moved = press(state, 'n');
  expect(selected(moved)).not.toBe(selected(state));
  expect(press(moved, 'N').views).not.toEqual(moved.views);
  const again = replayed(moved, recording('one-node'));
  expect(selected(again)).toBe(selected(moved));
});

test('arrows and letters move alike, never beyond the ends', () => {
  const state = press(one(), 'g');
  expect(selected(state)).toBe(rowsOf(state)[0]?.key);
  expect(selected(press(state, 'up'))).toBe(selected(state));
  expect(selected(press(state, 'j', 'j', 'k'))).toBe(selected(press(state, 'down')));
  const last = press(state, 'G');
  expect(selected(last)).toBe(rowsOf(last).at(-1)?.key);
  expect(selected(press(last, 'down', 'pagedown'))).toBe(selected(last));
});

test('categories with a fault are unfolded; left and right fold and unfold', () => {
  const state = one();
  const unfolded = rowsOf(state).flatMap((row) => (row.kind === 'category' && row.unfolded ? [row.name] : []));
  expect(unfolded).toContain('kernel');
  expect(unfolded).not.toContain('identity');
  const top = press(state, 'g');
  const name = selected(top);
  const toggled = press(top, 'enter');
  const isUnfolded = (of: State) =>
    rowsOf(of).some((row) => row.kind === 'category' && row.name === name && row.unfolded);
  expect(isUnfolded(toggled)).toBe(!isUnfolded(top));
  expect(isUnfolded(press(toggled, 'h'))).toBe(false);
  expect(isUnfolded(press(toggled, 'h', 'l'))).toBe(true);
});

test('a filter narrows as it is typed, Enter keeps it and Esc ends it', () => {
  const state = press(one(), '/', 's', 'w', 'a', 'p');
  expect(rowsOf(state).map(({ key }) => key)).toEqual(['host', 'host/swap']);
  const kept = press(state, 'enter');
  expect(kept.prompt).toBeNull();
  expect(rowsOf(kept)).toHaveLength(2);
  expect(press(kept, 'escape').filter).toBe('');
  expect(press(state, 'escape').filter).toBe('');
  expect(selected(press(state, 'down'))).toBe('host/swap');
  // Letters are letters while somebody types.
  expect(press(state, 'q', 'r').filter).toBe('swapqr');
  expect(asked(state, 'q')).toEqual([]);
  expect(asked(state, 'ctrl-c')).toEqual([{ do: 'leave', code: 130 }]);
});

test('faults only', () => {
  const state = press(one(), 'f');
  const shown = rowsOf(state).flatMap((row) => (row.kind === 'check' ? (row.check.report?.status ?? []) : []));
  expect(shown.length).toBeGreaterThan(2);
  expect(shown.filter((status) => status === 'pass' || status === 'skip')).toEqual([]);
});

test('Enter opens the findings of a check, then one of them; Esc goes back', () => {
  const state = press(between(), '/', ...Array.from('ports/reachable'), 'enter', 'j', 'enter');
  expect(viewOf(state)).toMatchObject({ kind: 'findings', subject: { id: 'ports/reachable' } });
  expect(text(state)).toContain('kube-apiserver');
  const open = press(state, 'enter');
  expect(viewOf(open)).toMatchObject({ kind: 'text', text: { of: 'finding' } });
  expect(text(open)).toContain('cp1 10.77.0.11');
  expect(press(open, 'escape', 'escape').views).toHaveLength(1);
});

test('a text scrolls to its end and no further', () => {
  const state = press(one(), '?', 'G');
  const view = viewOf(state);
  expect(view.kind === 'text' && view.top).toBeGreaterThan(0);
  expect(press(state, 'down').views).toEqual(state.views);
  const grown = after(state, { type: 'resize', size: { columns: 300, rows: 100 } });
  expect(viewOf(grown)).toMatchObject({ top: 0 });
});

test('r runs the check, its category, or what is about a pair; R everything; nothing while a run goes on', () => {
  const state = one();
  expect(asked(state, 'r')).toEqual([{ do: 'run', only: [selected(state)] }]);
  expect(asked(press(state, 'g'), 'r')).toEqual([{ do: 'run', only: [selected(press(state, 'g'))] }]);
  expect(asked(state, 'R')).toEqual([{ do: 'run', only: null }]);
  expect(asked(press(between(), 'm', 'n'), 'r')[0]).toMatchObject({ do: 'run' });
  const going = replayed(opened(), recording('one-node'), 5);
  expect(asked(going, 'r')).toEqual([]);
  expect(asked(going, 'R')).toEqual([]);
});

test('what is run again replaces what it was once there is something new, and the verdict follows', () => {
  const whole = report([check('kernel/ip-forward', [FAILED]), check('host/swap', [finding({ check: 'host/swap' })])]);
  const state = withReport(opened(), whole);
  const mended = report([check('kernel/ip-forward', [finding()])]);
  const events = eventsOf(mended).map(
    (event) => ({ type: 'event', event, only: ['kernel/ip-forward'], now: NOON }) as const,
  );
  const [started, node, ...rest] = events;
  const going = after(state, started!, node!);
  expect(going.results.checks.map((each) => [each.id, each.running, each.report?.status])).toEqual([
    ['kernel/ip-forward', true, 'fail'],
    ['host/swap', false, 'pass'],
  ]);
  const over = after(going, ...rest);
  expect(over.results.report).toMatchObject({ verdict: 'ready', summary: { pass: 2, fail: 0 } });
  expect(over.results.report?.checks).toHaveLength(2);
  expect(text(over)).toContain('was fail');
});

test('what nobody asked for is asked about first, each time', () => {
  const skipped = check('cni/dry-run', [
    finding({ check: 'cni/dry-run', status: 'skip', reason: 'not-asked', subject: '--pods' }),
  ]);
  const left = check('host/swap', [
    finding({ check: 'host/swap', status: 'skip', reason: 'not-asked', subject: '--skip host/swap' }),
  ]);
  const state = press(withReport(opened(), report([skipped, left])), 'g', 'enter', 'j');
  expect(selected(state)).toBe('cni/dry-run');
  expect(asked(state, 'r')).toEqual([]);
  const asking = press(state, 'r');
  expect(text(asking)).toContain('Run it?');
  expect(asked(asking, 'y')).toEqual([{ do: 'run', only: ['cni/dry-run'] }]);
  expect(asked(asking, 'enter')).toEqual([]);
  expect(press(asking, 'n').prompt).toBeNull();
  const ran = withReport(state, report([check('cni/dry-run', [finding({ check: 'cni/dry-run' })])]), ['cni/dry-run']);
  expect(asked(ran, 'r')).toEqual([]);
  expect(press(ran, 'r').prompt).not.toBeNull();
  const again = withReport(ran, report([check('cni/dry-run', [finding({ check: 'cni/dry-run' })])]), ['cni/dry-run']);
  expect(press(again, 'r').prompt).not.toBeNull();
  // What was found when somebody asked stays, whatever is run again without asking.
  const failed = withReport(
    state,
    report([check('cni/dry-run', [finding({ check: 'cni/dry-run', status: 'fail' })])]),
    ['cni/dry-run'],
  );
  for (const only of [['cni'], null]) {
    const later = withReport(failed, report([skipped, left]), only);
    expect(later.results.report).toMatchObject({ verdict: 'not-ready', summary: { fail: 1 } });
    expect(later.results.checks.find(({ id }) => id === 'cni/dry-run')?.report?.status).toBe('fail');
  }
  expect(asked(press(state, 'j', 'l', 'j'), 'r')).toEqual([{ do: 'run', only: ['host/swap'] }]);
});

test('w watches: the next run begins when its time has come, and never while somebody types', () => {
  const state = press(one(), 'w');
  expect(state.watch).toBe(10_000);
  const ended = state.results.endedAt ?? 0;
  const at = (now: number, of: State) => reduce(of, { type: 'tick', now }).slice(1);
  expect(at(ended + 9_000, state)).toEqual([]);
  expect(at(ended + 10_000, state)).toEqual([{ do: 'run', only: null }]);
  expect(at(ended + 10_000, press(state, '/'))).toEqual([]);
  expect(press(state, 'w', 'w', 'w').watch).toBeNull();
});

test('a run that broke leaves what was known', () => {
  const state = after(one(), { type: 'failed', why: 'The peer is gone.', now: NOON });
  expect(state.results.report).not.toBeNull();
  expect(text(state)).toContain('The peer is gone.');
});

test('the matrix moves from cell to cell and opens a pair', () => {
  const state = press(between(), 'm');
  expect(text(state)).toContain('from ╲ to');
  const fault = press(state, 'n');
  const pair = press(fault, 'enter');
  expect(viewOf(pair)).toMatchObject({ kind: 'findings', subject: { of: 'pair' } });
  expect(viewOf(press(state, 'tab'))).toMatchObject({ layer: 'tcp' });
  expect(viewOf(press(state, 'tab', 'tab', 'tab', 'tab'))).toMatchObject({ layer: 'all' });
  expect(press(pair, 'm').views).toHaveLength(2);
});

test('a peer is added by a form; what is pasted has no line breaks, and the token is not shown', () => {
  const state = after(one(), { type: 'peerAsked', needsToken: true });
  const typed = after(press(state, ...Array.from('10.0.0.12'), 'tab'), { type: 'paste', text: 'swt1.secret\r\n' });
  expect(text(typed)).toContain('10.0.0.12');
  expect(text(typed)).not.toContain('secret');
  const form = press(typed, 'tab', 'right', 'right');
  expect(asked(form, 'enter')).toEqual([{ do: 'addPeer', name: 'worker@10.0.0.12', token: 'swt1.secret' }]);
  const busy = press(form, 'enter');
  expect(asked(busy, 'enter')).toEqual([]);
  const refused = after(busy, { type: 'peerRefused', why: 'It refused.', now: NOON });
  expect(text(refused)).toContain('It refused.');
  expect(asked(refused, 'enter')).toHaveLength(1);
  expect(after(busy, { type: 'peerAdded', name: 'w', now: NOON }).prompt).toBeNull();
});

test('every key of the table does what it says in some state, and the footer never shows one that does nothing', () => {
  const states = [
    one(),
    press(one(), 'enter'),
    press(between(), 'm'),
    press(one(), '?'),
    press(one(), 'x'),
    press(one(), 'f'),
  ];
  for (const binding of BINDINGS) {
    expect(
      states.some((state) => binding.valid(state)),
      binding.shown,
    ).toBe(true);
    for (const key of binding.keys) expect(BINDINGS.filter(({ keys }) => keys.includes(key))).toHaveLength(1);
  }
});

test('keys do nothing to what is not seen', () => {
  const small = after(one(), { type: 'resize', size: { columns: 50, rows: 15 } });
  expect(press(small, 'j', 'f')).toBe(small);
  expect(asked(small, 'q')).toEqual([{ do: 'leave', code: null }]);
  expect(text(small).trim()).toBe('seaworthy needs 60x15; q quits');
});

test('as a user, it says how many checks root would decide', () => {
  const denied = finding({ status: 'unknown', reason: 'fact-denied', message: 'Permission denied.' });
  const state = (root: boolean) =>
    withReport(opened(undefined, { root }), report([check('kernel/ip-forward', [denied])]));
  expect(text(state(false))).toContain('with sudo 1 more check can be decided');
  expect(text(state(true))).not.toContain('sudo');
});
