import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EvidenceError } from '../../src/evidence/evidence-error.ts';
import type { Probed, ProbeRequest } from '../../src/evidence/probes.ts';
import type { Counted, Reach, ReceiverSaw, SenderSaw } from '../../src/evidence/reach.ts';
import { fromSaved, toSaved } from '../../src/evidence/saved-probes.ts';
import { savedSource } from '../../src/evidence/saved.ts';
import { parseEvidence } from '../../src/evidence/saved-file.ts';
import type { Source } from '../../src/evidence/source.ts';
import { facts } from '../../src/facts/index.ts';
import type { Check } from '../../src/engine/check.ts';
import { TOOL, findingsOf } from '../engine/given.ts';

const KEYS = ['self', '10.0.0.12', 'w2.example.org:1'];
const machine = fc.constantFrom(...KEYS);
const port = fc.integer({ min: 1, max: 65_535 });
const range = fc.tuple(port, port).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const count = fc.nat(1_000);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const words = fc.string({ maxLength: 30 });
const address = fc.constantFrom('10.0.0.1', 'fd00::1');

const counted: fc.Arbitrary<Counted> = fc.record({ sent: count, came: count, duplicates: count, reordered: count });
const sender: fc.Arbitrary<SenderSaw> = fc.record({
  outcome: fc.constantFrom('answered', 'accepted', 'refused', 'error', 'silence'),
  errno: maybe(words),
  waitedMs: count,
  rttMs: maybe(count),
  sent: count,
  address: maybe(address),
  atOnce: fc.boolean(),
  answeredBy: maybe(machine),
  spoken: fc.boolean(),
  heldBack: maybe(count),
  neighbour: maybe(fc.constantFrom('failed', 'resolved')),
  answers: maybe(counted),
  dressed: maybe(counted),
  likeDressed: maybe(counted),
});
const receiver: fc.Arbitrary<ReceiverSaw> = fc.record({
  listener: fc.constantFrom('ours', 'owner', 'kernel', 'service', 'none', 'unavailable'),
  detail: maybe(words),
  arrived: count,
  answered: count,
  source: maybe(address),
  halfOpen: count,
  established: count,
  turnedBack: count,
  cookies: count,
  lostAt: maybe(fc.constantFrom('before-peer', 'peer-input', 'peer-output', 'after-peer', 'unknown')),
  requests: maybe(counted),
  dressed: maybe(counted),
  likeDressed: maybe(counted),
});
const reach: fc.Arbitrary<Reach> = fc.record({
  ports: range,
  sender,
  receiver: maybe(receiver),
  attempts: fc.constantFrom(1, 2),
  undecided: maybe(words),
});
const bulk = fc.record({ port, bytes: count, arrived: count, returned: count, ms: count, stalled: fc.boolean() });
const reached = fc.record({ reaches: fc.array(reach, { maxLength: 3 }), bulk: maybe(bulk) });
const unread = fc.record({
  unread: fc.constantFrom('peer-unreachable', 'undecided', 'no-peers'),
  machine,
  detail: words,
});
const read = <T>(value: fc.Arbitrary<T>) => fc.oneof(fc.record({ value }), unread);
const directed = { from: machine, to: machine, address };

const probed: fc.Arbitrary<Probed> = fc.oneof(
  fc.record({
    kind: fc.constant('tcp'),
    request: fc.record({ ...directed, kind: fc.constant('tcp'), ports: range, bulk: fc.boolean() }),
    reading: read(reached),
  }),
  fc.record({
    kind: fc.constant('udp'),
    request: fc.record({
      ...directed,
      kind: fc.constant('udp'),
      ports: range,
      count: fc.integer({ min: 1, max: 20 }),
      dress: maybe(fc.constantFrom('vxlan', 'geneve')),
    }),
    reading: read(reached),
  }),
  fc.record({
    kind: fc.constant('path-mtu'),
    request: fc.record({
      ...directed,
      kind: fc.constant('path-mtu'),
      ports: fc.array(port, { maxLength: 3 }),
      ceiling: port,
    }),
    reading: read(
      fc.record({
        port: maybe(port),
        mtu: maybe(port),
        beyond: maybe(fc.constantFrom('none-tried', 'told', 'black-hole')),
        ceiling: port,
        source: maybe(address),
        detail: maybe(words),
      }),
    ),
  }),
  fc.record({
    kind: fc.constant('clock'),
    request: fc.record({ kind: fc.constant('clock'), to: machine }),
    reading: read(fc.record({ offsetMs: fc.integer(), uncertaintyMs: count, exchanges: count })),
  }),
  fc.record({
    kind: fc.constant('endpoint'),
    request: fc.record({
      kind: fc.constant('endpoint'),
      from: machine,
      address: fc.constantFrom('api.example.org', '10.0.0.1'),
      port,
      behind: fc.array(fc.record({ machine, address, port }), { maxLength: 3 }),
    }),
    reading: read(fc.record({ sender, arrivedAt: fc.array(machine, { maxLength: 3 }) })),
  }),
);

const document = (over: Record<string, unknown> = {}, nodes: readonly object[] = KEYS.map(() => ({}))) =>
  JSON.stringify({
    schema: 'seaworthy.facts/v1',
    tool: TOOL,
    takenAt: '2026-01-02T03:04:05.678Z',
    nodes: nodes.map((node, index) => ({ self: index === 0, plan: {}, facts: {}, ...node })),
    ...over,
  });
const sourceOf = (...texts: readonly string[]) =>
  savedSource(
    texts.map((text, index) => parseEvidence(text, `${'abc'[index] ?? ''}.json`)),
    facts,
  );
const keysOf = ({ machines }: Source) => machines.map(({ key }) => key);
const ask = (source: Source, requests: readonly ProbeRequest[]) => source.probe(requests, () => undefined);
const clock = (to: string): ProbeRequest => ({ kind: 'clock', to });
const asked = (to: string, offsetMs = 7): Probed => ({
  kind: 'clock',
  request: { kind: 'clock', to },
  reading: { value: { offsetMs, uncertaintyMs: 1, exchanges: 8 } },
});

/** The same object with its keys in another order. */
function shuffled<T extends object>(value: T): T {
  return Object.assign(Object.create(Object.prototype), Object.fromEntries(Object.entries(value).toReversed()));
}

test('what was saved answers the same requests with the same words, whatever the machines are called now', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(probed, { maxLength: 8, selector: ({ request }) => JSON.stringify(request) }),
      async (given) => {
        const source = sourceOf(document({ probes: toSaved(given, KEYS) }));
        const now = fromSaved(toSaved(given, KEYS), keysOf(source));
        const answers = await ask(
          source,
          now.map(({ request }) => shuffled(request)),
        );
        expect(answers).toEqual(JSON.parse(JSON.stringify(now)));
        expect(source.evidence().probes).toEqual(toSaved(now, keysOf(source)));
      },
    ),
    { numRuns: 40 },
  );
});

test('there and back the keys are the same', () => {
  fc.assert(
    fc.property(probed, (each) => {
      expect(fromSaved(toSaved([each], KEYS), KEYS)).toEqual([each]);
    }),
  );
});

test('a request that was not made then is undecided, and says where it is missing', async () => {
  const source = sourceOf(document({ probes: toSaved([asked('self')], KEYS) }));
  const [, second = ''] = keysOf(source);
  expect(await ask(source, [clock(second)])).toEqual([
    {
      kind: 'clock',
      request: clock(second),
      reading: { unread: 'undecided', machine: second, detail: 'not recorded in a.json' },
    },
  ]);
  expect(source.evidence().probes).toEqual([]);
});

test('files without packets have none', async () => {
  expect(await ask(sourceOf(document()), [clock('a.json')])).toBeNull();
  expect(sourceOf(document()).evidence()).not.toHaveProperty('probes');
});

test('who was judged, who is a peer and who could not be had is as it was', async () => {
  const text = document({ plan: { cni: 'flannel' }, probes: [] }, [
    {},
    { peer: true, judged: false, plan: { role: ['worker'], cni: 'weave' } },
    { peer: true, judged: false, unreachable: 'It refuses.', problem: 'refused' },
  ]);
  const source = sourceOf(text);
  expect(source.machines).toMatchObject([
    { self: true, peer: false, judged: true },
    { self: false, peer: true, judged: false, said: { role: ['worker'], cni: 'flannel' } },
    { self: false, peer: true, judged: false, unreachable: 'It refuses.', problem: 'refused' },
  ]);
  expect(source.said).toEqual({ cni: 'flannel' });
  expect(JSON.parse(JSON.stringify(source.evidence()))).toEqual(JSON.parse(text));
});

test('what was said for all nodes of a run holds between them again', async () => {
  const text = document({ plan: { cni: 'flannel' }, probes: [] }, [
    { self: false, peer: true },
    { self: false, peer: true },
  ]);
  const compare: Check['compare'] = (nodes, { plan }) =>
    nodes.map(({ node }) => ({ nodes: [node.name], subject: String(plan.cni), reason: 'fine', message: 'It is.' }));
  const findings = await findingsOf({
    check: { compare, judge: () => [{ subject: 'it', reason: 'fine', message: 'It is.' }] },
    source: sourceOf(text),
  });
  expect(findings.map(({ subject }) => subject)).toContain('flannel');
});

test('machines are called what they were called in the run, where one file tells it of all', () => {
  const named = document({ probes: [] }, [{ key: 'self' }, { key: '10.0.0.12', peer: true }]);
  expect(keysOf(sourceOf(named))).toEqual(['self', '10.0.0.12']);
  expect(keysOf(sourceOf(named, document()))[1]).toBe('a.json node 2');
  expect(keysOf(sourceOf(document({}, [{ key: 'self' }, { key: 'self' }])))[1]).toBe('a.json node 2');
});

describe('several files', () => {
  const withPeers = document({ probes: toSaved([asked('self')], KEYS) }, [
    {},
    { peer: true, judged: false },
    { peer: true },
  ]);

  test('each has packets among its own nodes', async () => {
    const source = sourceOf(withPeers, document({ probes: toSaved([asked('self', 9)], KEYS) }));
    expect(keysOf(source)).toEqual([
      'a.json node 1',
      'a.json node 3',
      'b.json node 1',
      'b.json node 2',
      'b.json node 3',
    ]);
    expect(await ask(source, [clock('a.json node 1'), clock('a.json node 3')])).toMatchObject([
      { reading: { value: { offsetMs: 7 } } },
      { reading: { unread: 'undecided', detail: 'not recorded in a.json' } },
    ]);
  });

  test('the clocks of a second run were measured against another one, and are held against none of the first', async () => {
    const source = sourceOf(withPeers, document({ probes: toSaved([asked('self', 5_000)], KEYS) }));
    expect(await ask(source, [clock('a.json node 1'), clock('b.json node 1')])).toMatchObject([
      { reading: { value: { offsetMs: 7 } } },
      { reading: { unread: 'no-peers', detail: 'The clocks of b.json were measured against another one.' } },
    ]);
  });

  test('between nodes of two runs nothing went, nor anything in a run without packets', async () => {
    const source = sourceOf(withPeers, document());
    const way = { from: 'a.json node 1', to: 'b.json node 2', address: '10.0.0.12' };
    const request: ProbeRequest = { kind: 'tcp', ...way, ports: { first: 1, last: 9 }, bulk: false };
    expect(await ask(source, [request, clock('b.json node 2')])).toMatchObject([
      { reading: { unread: 'no-peers', detail: 'No packets went between the nodes of a.json and b.json.' } },
      { reading: { unread: 'no-peers', detail: 'No packets were sent in the run of b.json.' } },
    ]);
  });

  test('a peer that was not judged there is none of the nodes, so that it is never its own duplicate', async () => {
    const one = document({ probes: [] }, [{}, { peer: true, judged: false }]);
    const source = sourceOf(one, one);
    expect(source.machines).toMatchObject([
      { key: 'a.json node 1', self: false },
      { key: 'b.json node 1', self: false },
    ]);
    expect(await ask(source, [clock('a.json node 1')])).toBeNull();
  });
});

describe('a damaged file is refused in one sentence', () => {
  const refusal = (text: string): string => {
    try {
      parseEvidence(text, 'w1.json');
    } catch (error) {
      if (error instanceof EvidenceError) return error.message;
      throw error;
    }
    return '';
  };
  const [saved] = toSaved([asked('self')], KEYS);

  test.each([
    [document({ probes: 7 }), 'probes'],
    [document({ probes: [7] }), 'damaged'],
    [document({ probes: [{ ...saved, kind: 'icmp' }] }), 'kind'],
    [document({ probes: [{ ...saved, request: { kind: 'clock', to: '3' } }] }), 'no node of the file has this place'],
    [document({ probes: [{ ...saved, request: { kind: 'clock', to: 'self' } }] }), 'request.to'],
    [document({}, [{ judged: false }]), 'none of its nodes is to be judged'],
  ])('%s', (text, said) => {
    expect(refusal(text)).toContain('w1.json is a damaged file');
    expect(refusal(text)).toContain(said);
    expect(refusal(text)).toMatch(/^[^\n]{1,400}\.$/);
  });

  test('any packets at all', () => {
    const anything = fc.array(
      fc.oneof(
        fc.json(),
        probed.map((each) => JSON.stringify(each)),
        fc.constant(JSON.stringify(saved)),
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(anything, (texts) => {
        const text = document().replace(/}$/, `,"probes":[${texts.join()}]}`);
        const said = refusal(text);
        expect(said).toMatch(/^(?:w1\.json .*\.)?$/);
        // What is not refused is of use.
        expect(said !== '' || sourceOf(text).machines.length > 0).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('a million nothings end quickly', () => {
    const started = performance.now();
    expect(refusal(document({ probes: Array<number>(1_000_000).fill(0) }))).toContain('damaged');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
