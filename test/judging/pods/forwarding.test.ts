import { describe, expect, test } from 'vitest';
import { whereStopped, type Hop } from '../../../src/judging/pods/forwarding.ts';
import { DROPPING, passed } from '../pods.ts';

const hop = (machine: string, changes: Partial<Hop> = {}): Hop => ({
  machine,
  passed: null,
  forwards: true,
  chains: [],
  bridged: null,
  ...changes,
});
const quiet = passed({ forwarded: 3, received: 3 });

describe('counters tell apart what looks alike from outside', () => {
  test.each([
    ['forwarding-off', passed({ addressErrors: 3, received: 3 })],
    ['reverse-path-filter', passed({ reversePathFiltered: 3, received: 3 })],
    ['no-route', passed({ noRoutes: 3, received: 3 })],
  ] as const)('%s', (obstacle, counted) => {
    const hops = [hop('w1', { passed: quiet }), hop('w2', { passed: counted })];
    expect(whereStopped(hops, 4)).toMatchObject({ machine: 'w2', obstacle, proof: 'counters' });
  });

  test('the first machine that shows it', () => {
    const hops = [hop('w1', { passed: passed({ noRoutes: 1 }) }), hop('w2', { passed: passed({ addressErrors: 1 }) })];
    expect(whereStopped(hops, 4)).toMatchObject({ machine: 'w1', says: 'w1 had no route for 1 packet.' });
  });

  test('what others move too proves nothing', () => {
    const busy = passed({ addressErrors: null, noRoutes: null, reversePathFiltered: null, received: 40 });
    expect(whereStopped([hop('w1', { passed: busy })], 4)).toBeNull();
  });

  test('packets that came in and were not handed on may have been for the machine itself', () => {
    expect(whereStopped([hop('w1', { passed: passed({ received: 3 }) })], 4)).toBeNull();
  });

  test('they come before settings of another machine', () => {
    const hops = [hop('w1', { chains: [DROPPING] }), hop('w2', { passed: passed({ reversePathFiltered: 2 }) })];
    expect(whereStopped(hops, 4)).toMatchObject({ machine: 'w2', obstacle: 'reverse-path-filter' });
  });
});

describe('settings, where nothing was counted', () => {
  test('forwarding that is off', () => {
    expect(whereStopped([hop('w1', { forwards: false })], 4)).toMatchObject({
      obstacle: 'forwarding-off',
      proof: 'settings',
    });
  });

  test('not against a counter that stood still', () => {
    expect(whereStopped([hop('w1', { forwards: false, passed: quiet })], 4)).toBeNull();
  });

  test('a chain that drops what is forwarded, and was counted as forwarded before it', () => {
    const hops = [hop('w1', { passed: quiet, chains: [DROPPING] })];
    expect(whereStopped(hops, 4)).toMatchObject({
      obstacle: 'forward-filter',
      says: 'On w1 ip filter FORWARD drops what is forwarded, unless a rule accepts it first.',
    });
  });

  test.each([
    ['of the other family', { ...DROPPING, family: 'ip6' }],
    ['with an add-on that accepts its pods', { ...DROPPING, jumps: ['FLANNEL-FWD'] }],
    ['for what comes in', { ...DROPPING, hook: 'input' as const }],
  ])('not one %s', (_, chain) => {
    expect(whereStopped([hop('w1', { chains: [chain] })], 4)).toBeNull();
  });

  test('on one bridge only where bridged packets come by it', () => {
    const on = (bridged: Hop['bridged']) =>
      whereStopped([hop('w1', { chains: [DROPPING], bridged, forwards: false })], 4);
    expect(on('filtered')).toMatchObject({ obstacle: 'forward-filter' });
    expect(on('not-filtered')).toBeNull();
  });
});
