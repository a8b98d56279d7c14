import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, type TestContext } from 'vitest';
import type { SenderSaw } from '../../src/evidence/reach.ts';
import type { ArrivalRow } from '../../src/probes/ends.ts';
import { needLab } from './lab.ts';

const run = promisify(execFile);
const ENDS = join(import.meta.dirname, 'udp-ends.ts');

/** What both ends see on the loopback of a namespace of its own, with a rule in this chain. */
async function seen(
  { skip, onTestFinished }: TestContext,
  { hook, rule, family = 4, count = 1 }: { hook: 'input' | 'output'; rule: string; family?: 4 | 6; count?: number },
): Promise<{ saw: SenderSaw[]; arrivals: ArrivalRow[] }> {
  needLab(skip);
  const namespace = `sw${randomBytes(3).toString('hex')}-u`;
  await run('ip', ['netns', 'add', namespace]);
  onTestFinished(async () => void (await run('ip', ['netns', 'delete', namespace])));
  const inside = ['netns', 'exec', namespace];
  const rules = `table inet f { chain c { type filter hook ${hook} priority 0; ${rule}; }; }`;
  await run('ip', [...inside, 'sh', '-ec', `ip link set dev lo up; nft '${rules}'`]);
  const address = family === 4 ? '127.0.0.1' : '::1';
  const { stdout } = await run('ip', [...inside, process.execPath, ENDS, address, '8472', String(count)]);
  return JSON.parse(stdout) as { saw: SenderSaw[]; arrivals: ArrivalRow[] };
}

const SILENCE = { outcome: 'silence', errno: null, atOnce: false };

test.for([
  [
    'output',
    'udp dport 8472 drop',
    4,
    { outcome: 'error', errno: 'EPERM', atOnce: true },
    { errno: 'EPERM', atOnce: true },
  ],
  [
    'output',
    'udp dport 8472 drop',
    6,
    { outcome: 'error', errno: 'EPERM', atOnce: true },
    { errno: 'EPERM', atOnce: true },
  ],
  ['input', 'udp dport 8472 drop', 4, SILENCE, SILENCE],
  ['input', 'udp dport 8472 reject', 4, { outcome: 'refused', errno: 'ECONNREFUSED', atOnce: false }, SILENCE],
  ['input', 'udp dport 8472 reject', 6, { outcome: 'refused', errno: 'ECONNREFUSED', atOnce: false }, SILENCE],
  [
    'input',
    'udp dport 8472 reject with icmp admin-prohibited',
    4,
    { outcome: 'error', errno: 'EHOSTUNREACH', atOnce: false },
    SILENCE,
  ],
  [
    'input',
    'udp dport 8472 reject with icmpv6 admin-prohibited',
    6,
    { outcome: 'error', errno: 'EACCES', atOnce: false },
    SILENCE,
  ],
  ['input', 'udp dport 8472 reject with icmp host-unreachable', 4, SILENCE, SILENCE],
] as const)('%s: %s, IPv%i', async ([hook, rule, family, connected, unconnected], context) => {
  const { saw, arrivals } = await seen(context, { hook, rule, family });
  expect(saw).toMatchObject([connected, unconnected]);
  expect(arrivals).toEqual([]);
});

test('an answer that is dropped: both datagrams arrived, and each was answered as often as it was sent', async (context) => {
  const { saw, arrivals } = await seen(context, { hook: 'input', rule: 'udp sport 8472 drop' });
  expect(saw).toMatchObject([SILENCE, SILENCE]);
  expect(arrivals).toMatchObject([{ arrived: 6, answered: 6, source: '127.0.0.1' }]);
});

test('an answer that the receiver may not send is not counted as answered', async (context) => {
  const { saw, arrivals } = await seen(context, { hook: 'output', rule: 'udp sport 8472 drop' });
  expect(saw).toMatchObject([SILENCE, SILENCE]);
  expect(arrivals).toMatchObject([{ arrived: 6, answered: 0 }]);
});

test.for(['drop', 'reject'])(
  '%s of what looks like VXLAN leaves the like of its size alone',
  async (verdict, context) => {
    const rule = `udp dport 8472 @th,64,32 0x08000000 ${verdict}`;
    const { saw } = await seen(context, { hook: 'input', rule, count: 10 });
    for (const { outcome, answers, dressed, likeDressed } of saw) {
      expect(outcome).toBe('answered');
      expect(answers).toMatchObject({ sent: 10, came: 10 });
      expect(likeDressed).toMatchObject({ sent: 10, came: 10 });
      expect(dressed?.came).toBe(0);
    }
  },
);

test('all of several datagrams refused', async (context) => {
  const { saw } = await seen(context, { hook: 'input', rule: 'udp dport 8472 reject', count: 10 });
  expect(saw).toMatchObject([{ outcome: 'refused', errno: 'ECONNREFUSED', atOnce: false }, SILENCE]);
});

test('loss is seen as it is', async (context) => {
  const rule = 'udp dport 8472 numgen random mod 100 < 25 drop';
  const { saw } = await seen(context, { hook: 'input', rule, count: 60 });
  for (const { answers } of saw) {
    const part = (answers?.came ?? 0) / (answers?.sent ?? 1);
    expect(part).toBeGreaterThan(0.4);
    expect(part).toBeLessThan(0.97);
  }
});
