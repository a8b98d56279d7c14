import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { scriptLines } from '../../src/fleet/script-lines.ts';

const MARK = 'seaworthy-0011aabbccdd';

test('lines of the script are told apart from what a shell prints, also where that has no end', async () => {
  const output = new PassThrough();
  const lines = scriptLines(output, MARK);
  output.write(`Welcome!\nLast login: today${MARK} machine x86_64\nmotd\n${MARK} mis`);
  output.write('sing\n');
  output.end();
  const never = new AbortController().signal;
  expect(await lines.next(never)).toEqual(['machine', 'x86_64']);
  expect(await lines.next(never)).toEqual(['missing']);
  expect(await lines.next(never)).toBeNull();
});

test('names in UTF-8 are those of the node, wherever a chunk ends', async () => {
  const output = new PassThrough();
  const lines = scriptLines(output, MARK);
  for (const byte of Buffer.from(`${MARK} noexec /home/jürgen/テスト\n`)) output.write(Buffer.of(byte));
  output.end();
  expect(await lines.next(new AbortController().signal)).toEqual(['noexec', '/home/jürgen/テスト']);
});

test('an aborted run hears nothing more, whatever is still to be heard', async () => {
  const output = new PassThrough();
  const lines = scriptLines(output, MARK);
  output.write(`${MARK} machine x86_64\n`.repeat(3));
  const run = new AbortController();
  expect(await lines.next(run.signal)).toEqual(['machine', 'x86_64']);
  run.abort();
  expect(await lines.next(run.signal)).toBeNull();
});

test('a node that says lines for ever is given up, and nothing of them is kept', async () => {
  const node = spawn('yes', [`${MARK} tried /tmp 1`]);
  onTestFinished(() => void node.kill());
  const lines = scriptLines(node.stdout, MARK);
  const never = new AbortController().signal;
  let heard = 0;
  while ((await lines.next(never)) !== null) heard++;
  expect(heard).toBeLessThan(100);
  expect(node.stdout.isPaused()).toBe(true);
});
