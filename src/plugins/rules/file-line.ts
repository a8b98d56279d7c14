import * as z from 'zod';
import { SystemError, type System } from '../../system/system.ts';
import { compilePattern } from '../../values/pattern.ts';
import { holds } from './assertions.ts';
import { observation, outcomeOf, type Observation } from './observation.ts';
import type { Expectation } from './rules-schema.ts';

/** Longer files are not looked through. */
const LIMIT = 1024 * 1024;
/** Characters that are looked through before others have their turn. */
const AT_ONCE = 64 * 1024;

/** Files of the kernel that tell the same whoever asks; others give each byte once (/proc/kmsg), wait, or do something. */
const HARMLESS = [
  '/proc/cmdline',
  '/proc/cpuinfo',
  '/proc/filesystems',
  '/proc/meminfo',
  '/proc/mounts',
  '/proc/swaps',
  '/proc/version',
];

interface Sought {
  readonly path: string;
  readonly matches: string;
}

/** Whether a line of a file matches. Neither its content nor the line becomes part of a fact: it may hold a secret. */
export function observeFileLine({ path, matches }: Sought, expected: Expectation): Observation {
  const schema = () =>
    z.object({
      fileLine: z.literal(path),
      matches: z.literal(matches),
      value: z.enum(['present', 'absent', 'no-file']).describe('whether a line matches'),
    });
  return observation({
    subject: path,
    expected: `${expected.exists === undefined ? 'no' : 'a'} line that matches ${matches}`,
    mayBeUndecided: false,
    title: `whether a line of ${path} matches ${matches}`,
    schema,
    read: async (system, { signal }) => ({
      fileLine: path,
      matches,
      value: await look(system, { path, matches }, signal),
    }),
    judge: ({ value }) => ({
      outcome: outcomeOf(holds(expected, value === 'present' ? value : null)),
      actual: ACTUAL[value],
    }),
  });
}

const ACTUAL = { present: 'there is one', absent: 'there is none', 'no-file': 'no such file' } as const;

async function look(
  system: System,
  { path, matches }: Sought,
  signal: AbortSignal,
): Promise<'present' | 'absent' | 'no-file'> {
  const status = await system.status(path);
  if (status === null) return 'no-file';
  // Before it is opened: that alone makes some devices do something.
  if (status.kind !== 'file')
    throw new SystemError('error', `${path}: it is a ${status.kind}, and only regular files are looked through`);
  await refuseKernelFiles(system, path);
  const text = await system.readText(path, LIMIT);
  const pattern = compilePattern(matches);
  let looked = 0;
  for (const line of linesOf(text)) {
    if (pattern.test(line)) return 'present';
    looked += line.length + 1;
    if (looked < AT_ONCE) continue;
    looked = 0;
    await new Promise((soon) => setImmediate(soon));
    if (signal.aborted) throw new SystemError('timeout', `${path}: not looked through in time`);
  }
  return 'absent';
}

/** File systems of the kernel have no blocks. */
async function refuseKernelFiles(system: System, path: string): Promise<void> {
  const real = await system.realPath(path);
  if (HARMLESS.includes(path) || HARMLESS.includes(real)) return;
  const ofKernel = /^\/(?:proc|sys|dev)\//.test(real) || (await system.diskSpace(real)).total === 0;
  if (ofKernel)
    throw new SystemError('unsupported', `${path}: it is a file of the kernel, and those are not looked through`);
}

/** The last line end begins no line of its own. */
function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    yield text.slice(from, text[to - 1] === '\r' && to > from ? to - 1 : to);
    from = to + 1;
  }
}
