import { describe, expect, test } from 'vitest';
import { parse } from '../../src/cli/command-line/parse.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { effectiveConfiguration } from '../../src/plan/effective.ts';
import { savedPlan } from '../../src/evidence/saved-plan.ts';
import { savedPlanSchema } from '../../src/plan/saved-plan-schema.ts';

const planOf = async (line: string) => {
  const parsed = parse(line.split(' '));
  if (parsed.kind !== 'run') throw new Error('it is no command to run');
  const { command, invocation } = parsed;
  const plan = await buildPlan({
    flags: invocation.flags,
    environment: {},
    configuration: null,
    warn: () => undefined,
  });
  return { command: command.name, arguments: invocation.arguments, plan };
};

describe('--pods', () => {
  test.each([
    ['check --pods', 'check', 'throw-away'],
    ['--pods', 'check', 'throw-away'],
    ['--pods mesh --peer w1', 'mesh', 'throw-away'],
    ['check --pods --json', 'check', 'throw-away'],
    ['check --pods throw-away --json', 'check', 'throw-away'],
    ['check --pods=existing', 'check', 'existing'],
    ['listen --pods', 'listen', 'throw-away'],
    ['listen --pods existing --for 1m', 'listen', 'existing'],
    ['check --pods existing --pods', 'check', 'throw-away'],
    ['check', 'check', null],
  ])('%s', async (line, command, pods) => {
    const read = await planOf(line);
    expect(read).toMatchObject({ command, arguments: [], plan: { settings: { pods } } });
  });

  test('a mistyped value is refused as one', async () => {
    await expect(planOf('check --pods exsting')).rejects.toThrow(
      '--pods: "exsting" must be one of throw-away, existing (did you mean existing?)',
    );
    await expect(planOf('check --pods=')).rejects.toThrow('must be one of throw-away, existing');
  });

  test('what is no value of it is an argument', () => {
    expect(() => parse(['check', '--pods', 'w1'])).toThrow('"w1" is too much');
    expect(() => parse(['facts', '--pods'])).toThrow('takes no --pods');
    expect(() => parse(['check', '--', '--pods'])).toThrow('"--pods" is too much');
  });

  test('of the environment and of a configuration has a value', async () => {
    const plan = (environment: Record<string, string>, text: string) =>
      buildPlan({ flags: [], environment, configuration: { name: 'f', text }, warn: () => undefined });
    expect(await plan({ SEAWORTHY_PODS: 'existing' }, 'pods: throw-away')).toMatchObject({
      settings: { pods: 'existing' },
      origins: { pods: 'environment' },
    });
    await expect(plan({}, 'pods: true')).rejects.toThrow(/pods/);
  });

  test('is written and saved so that it reads back', async () => {
    const { plan } = await planOf('check --pods existing');
    expect(effectiveConfiguration(plan)).toContain('\npods: existing # flag\n');
    expect(savedPlanSchema().parse(savedPlan(plan))).toMatchObject({ pods: 'existing' });
  });
});
