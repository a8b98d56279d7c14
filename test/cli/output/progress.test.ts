import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressOn } from '../../../src/cli/output/progress.ts';
import type { RunEvent } from '../../../src/engine/events.ts';
import { check, finding } from '../../report/given.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const started: RunEvent = {
  type: 'started',
  run: { id: 'r', command: 'mesh', startedAt: '', durationMs: 0 },
  checks: ['a/b', 'ports/reachable'].map((id) => ({ id, title: id })),
};
const probes = (pairsDone: number, failures: number): RunEvent => ({
  type: 'probes',
  progress: { pairs: 30, pairsDone, failures },
});

/** A progress line, and what it wrote last. */
function watched() {
  let last = '';
  const terminal = { isTTY: true, columns: 200, write: (text: string) => ((last = text), true) };
  return { progress: progressOn(terminal, false, false), last: () => last };
}

test('pairs done and failures so far come first', () => {
  const { progress, last } = watched();
  const after = (event: RunEvent) => {
    progress.show(event);
    vi.advanceTimersByTime(100);
    return last().replace('\r\u001B[2K', '');
  };
  expect(after(started)).toBe('0 of 2 checks, still running: a/b, ports/reachable');
  expect(after(probes(12, 1))).toBe(
    '12 of 30 pairs done, 1 failure so far; 0 of 2 checks, still running: a/b, ports/reachable',
  );
  expect(after({ type: 'check', check: check('a/b', [finding()]) })).toContain('1 failure so far; 1 of 2 checks');
  expect(after(probes(29, 2))).toContain('29 of 30 pairs done, 2 failures so far; ');
  expect(after(probes(30, 2))).toBe('1 of 2 checks, still running: ports/reachable');
});

test('the first packets: who takes part stands above the line, once, and in no colours of their own', () => {
  const written: string[] = [];
  const progress = progressOn(
    { isTTY: true, columns: 200, write: (text: string) => written.push(text) > 0 },
    false,
    false,
  );
  const node = (name: string, self = false): RunEvent => ({
    type: 'node',
    node: {
      name,
      self,
      roles: ['worker'],
      stage: 'fresh',
      kubernetesVersion: '1.36',
      versionFrom: 'default',
      addresses: ['10.0.0.12'],
    },
  });
  progress.show(started);
  progress.show(node('own', true));
  for (let index = 1; index <= 22; index++) progress.show(node(index === 1 ? 'w1\u001B[31m' : `w${index}`));
  expect(written).toEqual([]);
  vi.advanceTimersByTime(100);
  progress.show(probes(0, 0));
  const [, told = '', ...more] = written;
  const lines = told.replace('\r\u001B[2K', '').split('\n');
  expect(lines[0]).toBe('worker w1\uFFFD[31m (10.0.0.12)');
  expect(lines.slice(19)).toEqual(['worker w20 (10.0.0.12)', 'and 2 more', '']);
  expect(told).not.toContain('own');
  expect(more).toEqual([]);
  progress.show(probes(1, 0));
  expect(written).toHaveLength(2);
  progress.erase();
});

test('the line is gone at the end, and nothing is drawn later', () => {
  const { progress, last } = watched();
  progress.show(started);
  progress.show(probes(1, 0));
  vi.advanceTimersByTime(100);
  expect(last()).toContain('1 of 30 pairs');
  progress.erase();
  vi.advanceTimersByTime(1_000);
  expect(last()).toBe('\r\u001B[2K');
});

test('with --redact nobody who takes part is named', () => {
  const written: string[] = [];
  const terminal = { isTTY: true, columns: 200, write: (text: string) => written.push(text) > 0 };
  const progress = progressOn(terminal, false, true);
  progress.show(started);
  progress.show({
    type: 'node',
    node: {
      name: 'zanzibar',
      self: false,
      roles: ['worker'],
      stage: 'fresh',
      kubernetesVersion: '1.36',
      versionFrom: 'default',
      addresses: ['10.0.0.12'],
    },
  });
  progress.show(probes(0, 0));
  vi.advanceTimersByTime(100);
  expect(written.join('')).toContain('0 of 30 pairs done');
  expect(written.join('')).not.toMatch(/zanzibar|10\.0\.0\.12/);
});
