import { PassThrough } from 'node:stream';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { serveInPod } from '../../src/peers/local/pod-agent.ts';
import type { Peer } from '../../src/peers/peer.ts';
import { jsonLines } from '../../src/peers/stream/stream-lines.ts';
import { streamPeer } from '../../src/peers/stream/stream-peer.ts';
import { serveStream } from '../../src/peers/stream/stream-server.ts';
import { liveSystem } from '../../src/system/live.ts';
import { podPortOf } from '../../src/values/pod-port.ts';

/** Of this process alone: pods have one port, and tests run side by side. */
const HERE = `127.${(process.pid >> 16) & 255}.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;
const NEVER = new AbortController().signal;
const MEET = { protocol: 1, version: '0.0.0-test', plan: {} };

function pipes() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  onTestFinished(() => {
    input.destroy();
    output.destroy();
  });
  return { input, output, peer: streamPeer('pod', input, output) };
}

async function all(lines: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

/** An agent in this process, in place of one in a pod. */
function agent() {
  const { input, output, peer } = pipes();
  const served = serveInPod(liveSystem(), '0.0.0-test', input, output);
  return { peer, served };
}

async function member(peer: Peer, run = randomBytes(8).toString('hex')) {
  const { instance } = await peer.call('meet', MEET, NEVER);
  const secret = randomBytes(32).toString('base64url');
  const members = [{ key: 'pod', instance, addresses: [HERE] }];
  await peer.call('enlist', { run, secret, self: 'pod', members, endpoints: [], plan: {} }, NEVER);
  return run;
}

/** That the run asks for. */
const portsOf = (run: string) => ({ first: podPortOf(run), last: podPortOf(run) });
/** Which other runs ask for. */
const anotherOf = (run: string) => {
  const port = podPortOf(run) === 23_000 ? 23_001 : 23_000;
  return { first: port, last: port };
};

test('in a pod the port that the run asks of pods may be opened, and no other one; what somebody holds is told', async () => {
  const { peer, served } = agent();
  const run = await member(peer);
  const ports = portsOf(run);
  const openings = [{ protocol: 'tcp' as const, address: HERE, ports }];
  const { opened } = await peer.call('open', { run, openings }, NEVER);
  expect(opened).toMatchObject([{ listener: 'ours', ports }]);
  const other = agent();
  const there = await other.peer.call('open', { run: await member(other.peer, run), openings }, NEVER);
  expect(there.opened).toMatchObject([{ listener: 'unavailable', detail: 'EADDRINUSE' }]);
  for (const others of [{ first: 53, last: 53 }, { ...ports, last: ports.last + 1 }, anotherOf(run)]) {
    const asked = [{ protocol: 'tcp' as const, address: HERE, ports: others }];
    expect((await peer.call('open', { run, openings: asked }, NEVER)).opened).toMatchObject([
      { listener: 'unavailable', detail: 'it is not the port that this run asks of pods' },
    ]);
  }
  peer.close();
  other.peer.close();
  await Promise.all([served, other.served]);
});

test('packets go from the agent to its own listener, and both ends are told', async () => {
  const { peer, served } = agent();
  const run = await member(peer);
  const ports = portsOf(run);
  await peer.call('open', { run, openings: [{ protocol: 'tcp', address: HERE, ports }] }, NEVER);
  const job = {
    kind: 'tcp' as const,
    to: 'pod',
    address: HERE,
    ports: [ports],
    greeting: true,
    repeat: 1,
    hold: false,
    bulk: true,
  };
  const { results } = await peer.call('send', { run, jobs: [job], inFlight: 4, silenceMs: 1_000 }, NEVER);
  expect(results).toMatchObject([
    { reaches: [{ saw: { outcome: 'answered', answeredBy: 'pod' } }], bulk: { stalled: false } },
  ]);
  peer.close();
  await served;
});

test('several calls are under way at a time, and one that is given up ends alone', async () => {
  const { input, output, peer } = pipes();
  const given: string[] = [];
  const slow: Pick<Peer, 'call'> = {
    call: (message, _request, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          given.push(message);
          reject(new Error('given up'));
        });
      }),
  };
  const served = serveStream(slow, input, output);
  const giving = new AbortController();
  const calls = [peer.call('clock', {}, giving.signal), peer.call('renew', { run: '0'.repeat(16) }, NEVER)];
  giving.abort();
  await expect(calls[0]).rejects.toMatchObject({ problem: 'lost', message: expect.stringContaining('in time') });
  await expect.poll(() => given).toEqual(['clock']);
  output.end();
  await expect(calls[1]).rejects.toMatchObject({ problem: 'lost', message: expect.stringContaining('has ended') });
  await expect(peer.call('clock', {}, NEVER)).rejects.toMatchObject({ problem: 'lost' });
  peer.close();
  await served;
  expect(given).toEqual(['clock', 'renew']);
});

test('what is no message of ours is refused in words, and answers that are none are not taken', async () => {
  const { input, output, peer } = pipes();
  const served = serveStream({ call: () => Promise.reject(new Error('not called')) }, input, output);
  await expect(peer.call('renew', { run: 'no run' }, NEVER)).rejects.toMatchObject({
    problem: 'rejected',
    message: expect.stringContaining('renew.run'),
  });
  input.write(`${JSON.stringify({ id: 7, message: 'sing', request: {} })}\n`);
  peer.close();
  await served;

  const odd = pipes();
  const asked = odd.peer.call('clock', {}, NEVER);
  odd.output.write(`${JSON.stringify({ id: 0, answer: { receivedMs: 'noon' } })}\n`);
  await expect(asked).rejects.toMatchObject({ problem: 'not-a-peer' });
});

test('lines come whole however the pipe cuts them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 9 })),
      async (values, cuts) => {
        const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
        const stream = new PassThrough();
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const size = cuts[index % Math.max(1, cuts.length)] ?? bytes.length;
          stream.write(bytes.subarray(at, at + size));
          at += size;
        }
        stream.end();
        expect(await all(jsonLines(stream, 1_000_000))).toEqual(JSON.parse(JSON.stringify(values)));
      },
    ),
  );
});

test.each([
  ['longer than any message', 'x'.repeat(200)],
  ['no JSON', '{\n'],
])('a line that is %s ends it', async (_, text) => {
  const stream = new PassThrough();
  stream.end(text);
  await expect(all(jsonLines(stream, 100))).rejects.toThrow(RangeError);
});
