import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { createArrivals } from '../../src/probes/arrivals.ts';
import type { Held, OpenPort, Pace, Receiver, Run } from '../../src/probes/ends.ts';
import { newKey } from '../../src/probes/seal.ts';
import { listenTcp, sendTcp, type TcpJob } from '../../src/probes/tcp.ts';
import {
  ANSWER_BYTES,
  BULK_BYTES,
  GREETING_BYTES,
  REQUEST_BYTES,
  decodeRequest,
  encodeGreeting,
  encodeRequest,
} from '../../src/probes/tcp-messages.ts';

const HERE = '127.0.0.1';
const PACE: Pace = { inFlight: 64, silenceMs: 300 };
const never = new AbortController().signal;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Two members of one run, the second of which receives. */
function pair() {
  const members = ['a', 'b', 'c'].map((key) => ({ key, instance: newKey(), addresses: [HERE] }));
  const shared = { id: randomBytes(8), secret: newKey(), members };
  const sender: Run = { ...shared, self: 0, arrivals: createArrivals() };
  const run: Run = { ...shared, self: 1, arrivals: createArrivals() };
  const receiver: Receiver = { instance: members[1]!.instance, runOf: (id) => (id.equals(run.id) ? run : null) };
  const other: Receiver = { ...receiver, instance: members[2]!.instance };
  return { sender, run, receiver, other };
}

/** Ports one after another that are free now, below those that the kernel gives out. */
async function open(receiver: Receiver, count = 1, address = HERE): Promise<{ first: number; opened: OpenPort[] }> {
  for (let round = 0; round < 20; round++) {
    const first = randomInt(12_000, 29_000);
    const tries = await Promise.allSettled(
      Array.from({ length: count }, (_, index) => listenTcp(receiver, address, first + index)),
    );
    const opened = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    if (opened.length === count) {
      closers.push(() => Promise.all(opened.map((each) => each.close())));
      return { first, opened };
    }
    await Promise.all(opened.map((each) => each.close()));
  }
  throw new Error('no free ports');
}

function job(first: number, more: Partial<TcpJob> & { readonly last?: number } = {}): TcpJob {
  const { last = first, ...rest } = more;
  const ports = [{ first, last }];
  return { to: 'b', address: HERE, ports, greeting: true, repeat: 1, hold: false, bulk: false, ...rest };
}

const none = (): Held => ({ sockets: new Set() });

async function stranger(handler: (socket: Socket) => void, options: { backlog?: number } = {}): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    closers.push(() => socket.destroy());
    handler(socket);
  });
  await new Promise<void>((done) => server.listen({ host: HERE, port: 0, ...options }, done));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const { first, opened } = await open(pair().receiver);
  await opened[0]!.close();
  return first;
}

const arrivalsAt = (run: Run, first: number, last = first) =>
  run.arrivals.rows(null, [{ protocol: 'tcp', ports: { first, last } }]);

/** Both sides of one port. */
async function sawOf(port: number, more: Partial<TcpJob> = {}, ends = pair(), held = none()) {
  const sent = await sendTcp(ends.sender, job(port, more), PACE, held, never);
  expect(sent.reaches).toHaveLength(1);
  return { ...sent.reaches[0]!.saw, sent, held };
}

test('a listener of ours answers, and both sides know of it', async () => {
  const { sender, run, receiver } = pair();
  const { first } = await open(receiver, 20);
  const { reaches, bulk, held } = await sendTcp(sender, job(first, { last: first + 19 }), PACE, none(), never);
  expect(reaches).toEqual([
    {
      ports: { first, last: first + 19 },
      saw: expect.objectContaining({
        outcome: 'answered',
        answeredBy: 'b',
        errno: null,
        address: HERE,
        sent: 1,
        atOnce: false,
        spoken: false,
        rttMs: expect.any(Number),
      }),
    },
  ]);
  expect([bulk, held]).toEqual([null, []]);
  await expect
    .poll(() => arrivalsAt(run, first, first + 19))
    .toEqual([
      expect.objectContaining({
        from: 0,
        ports: { first, last: first + 19 },
        arrived: 1,
        answered: 1,
        source: HERE,
        requests: null,
      }),
    ]);
});

test('IPv6', async () => {
  const { sender, run, receiver } = pair();
  const { first } = await open(receiver, 1, '::1');
  const { reaches } = await sendTcp(sender, job(first, { address: '::1' }), PACE, none(), never);
  expect(reaches[0]?.saw).toMatchObject({ outcome: 'answered', address: '::1' });
  expect(arrivalsAt(run, first)[0]).toMatchObject({ source: '::1' });
});

test('several connects to one port are counted by both sides', async () => {
  const ends = pair();
  const { first } = await open(ends.receiver);
  expect(await sawOf(first, { repeat: 5 }, ends)).toMatchObject({
    outcome: 'answered',
    sent: { reaches: [{ saw: { sent: 5 } }] },
  });
  await expect.poll(() => arrivalsAt(ends.run, first)[0]).toMatchObject({ arrived: 5, answered: 5 });
});

test('another member of the run that answers is named, and records no arrival', async () => {
  const ends = pair();
  const { first } = await open(ends.other);
  expect(await sawOf(first, {}, ends)).toMatchObject({ outcome: 'answered', answeredBy: 'c' });
  expect(arrivalsAt(ends.run, first)).toEqual([]);
});

test('a listener of somebody else is a stranger that spoke', async () => {
  const { first } = await open(pair().receiver);
  expect(await sawOf(first)).toMatchObject({ outcome: 'accepted', answeredBy: null, spoken: true });
});

test('nobody listens', async () => {
  expect(await sawOf(await closedPort())).toMatchObject({
    outcome: 'refused',
    errno: 'ECONNREFUSED',
    atOnce: false,
    address: null,
  });
});

test('a connection that is taken is enough where no greeting is expected, and nothing is written', async () => {
  let came = 0;
  const port = await stranger((socket) => socket.on('data', (chunk) => (came += chunk.length)));
  expect(await sawOf(port, { greeting: false })).toMatchObject({
    outcome: 'accepted',
    spoken: false,
    rttMs: expect.any(Number),
  });
  expect(came).toBe(0);
});

test('strangers are never written to, whatever they say', async () => {
  let came = 0;
  const count = (socket: Socket) => socket.on('data', (chunk) => (came += chunk.length));
  const loud = await stranger((socket) => count(socket).write('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'));
  const terse = await stranger((socket) => count(socket).write('220 \r\n'));
  const mute = await stranger((socket) => count(socket));
  const closing = await stranger((socket) => count(socket).end());
  const resetting = await stranger((socket) => count(socket).resetAndDestroy());
  const endless = await stranger((socket) => {
    count(socket).on('close', () => clearInterval(timer));
    const timer = setInterval(() => socket.write(randomBytes(10_000)), 1);
  });
  expect(await sawOf(loud)).toMatchObject({ outcome: 'accepted', spoken: true, answeredBy: null });
  expect(await sawOf(terse)).toMatchObject({ outcome: 'accepted', spoken: true });
  expect(await sawOf(endless)).toMatchObject({ outcome: 'accepted', spoken: true });
  expect(await sawOf(mute)).toMatchObject({ outcome: 'accepted', spoken: false, errno: null });
  expect(await sawOf(closing)).toMatchObject({ outcome: 'accepted', spoken: false, errno: null });
  expect(await sawOf(resetting)).toMatchObject({ outcome: 'accepted', spoken: false, errno: 'ECONNRESET' });
  expect(came).toBe(0);
});

test('a connection that ends without a word is tried again', async () => {
  const ends = pair();
  let turnedAway = 0;
  const port = await stranger((socket) => {
    if (turnedAway++ < 2) {
      socket.end();
      return;
    }
    const greeting = encodeGreeting(ends.receiver.instance, port);
    socket.on('data', (chunk: Buffer) => {
      const request = decodeRequest(chunk, greeting, port, (id) => ends.receiver.runOf(id))!;
      socket.write(request.answer);
    });
    socket.write(greeting);
  });
  expect(await sawOf(port, {}, ends)).toMatchObject({ outcome: 'answered', answeredBy: 'b' });
});

test('a greeting that is proved and an answer that never comes', async () => {
  const ends = pair();
  // It takes part in no run: it greets, and closes when it is asked.
  const { first } = await open({ ...ends.receiver, runOf: () => null });
  expect(await sawOf(first, {}, ends)).toMatchObject({ outcome: 'accepted', answeredBy: 'b', spoken: false });
  expect(arrivalsAt(ends.run, first)).toEqual([]);
});

test('what is silent or mute is kept until it is released, and its local port is told', async () => {
  const closed: Promise<unknown>[] = [];
  const port = await stranger((socket) => closed.push(new Promise((done) => socket.on('close', done))));
  const { sent, held } = await sawOf(port, { hold: true });
  expect(sent.held).toEqual([{ port, localPort: expect.any(Number) }]);
  expect(held.sockets.size).toBe(1);
  for (const each of held.sockets) each.destroy();
  await Promise.all(closed);
  await expect.poll(() => held.sockets.size).toBe(0);
});

/** A port whose queue is full, and whose owner takes nothing from it: the kernel drops what else would connect. */
async function silent(): Promise<number> {
  const code = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer().listen({ host: '${HERE}', port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    });`;
  const worker = new Worker(code, { eval: true });
  closers.push(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  await sleep(50);
  for (let place = 0; place < 4; place++) {
    const socket = connect({ host: HERE, port }).on('error', () => undefined);
    closers.push(() => socket.destroy());
  }
  await sleep(50);
  return port;
}

test('silence, and a pending connect that is kept', async () => {
  const port = await silent();
  expect(await sawOf(port)).toMatchObject({
    outcome: 'silence',
    errno: null,
    address: HERE,
    rttMs: null,
    spoken: false,
  });
  const { outcome, sent, held } = await sawOf(port, { hold: true, repeat: 3 });
  expect(outcome).toBe('silence');
  expect(sent.held).toEqual(Array.from({ length: 3 }, () => ({ port, localPort: expect.any(Number) })));
  expect(held.sockets.size).toBe(3);
  for (const each of held.sockets) each.destroy();
  await expect.poll(() => held.sockets.size).toBe(0);
});

test('aborted while all is silent', async () => {
  const port = await silent();
  const sending = sendTcp(pair().sender, job(port, { repeat: 16 }), PACE, none(), AbortSignal.timeout(50));
  await expect(sending).rejects.toThrow('timeout');
});

test('a limit on descriptors costs time, and no outcome', async () => {
  const { run, receiver, sender } = pair();
  const { first } = await open(receiver, 200);
  const plain = { ...sender, id: [...sender.id], secret: [...sender.secret], arrivals: null };
  const members = sender.members.map((member) => ({ ...member, instance: [...member.instance] }));
  const code = `
    import { sendTcp } from ${JSON.stringify(new URL('../../src/probes/tcp.ts', import.meta.url).href)};
    const { run, job } = JSON.parse(process.argv[1]);
    for (const key of ['id', 'secret']) run[key] = Buffer.from(run[key]);
    for (const member of run.members) member.instance = Buffer.from(member.instance);
    const pace = { inFlight: 200, silenceMs: 2000 };
    const sent = await sendTcp(run, job, pace, { sockets: new Set() }, new AbortController().signal);
    console.log(JSON.stringify(sent.reaches.map(({ ports, saw }) => [ports, saw.outcome, saw.errno])));`;
  const said = JSON.stringify({ run: { ...plain, members }, job: job(first, { last: first + 199 }) });
  const child = spawn('sh', [
    '-c',
    'ulimit -n 60; exec "$@"',
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    code,
    said,
  ]);
  closers.push(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await once(child, 'close');
  expect(JSON.parse(out)).toEqual([[{ first, last: first + 199 }, 'answered', null]]);
  expect(arrivalsAt(run, first, first + 199)).toMatchObject([{ arrived: 1 }]);
});

/** A listener of a member that proves itself and answers, and treats bulk as it is told. */
function answering(ends: ReturnType<typeof pair>, onBulk: (socket: Socket, came: number) => void): Promise<number> {
  return stranger((socket) => {
    const port = socket.localPort!;
    const greeting = encodeGreeting(ends.receiver.instance, port);
    let asked = false;
    let came = 0;
    socket.on('data', (chunk: Buffer) => {
      if (asked) onBulk(socket, (came += chunk.length));
      if (asked || chunk.length !== REQUEST_BYTES) return;
      asked = true;
      const request = decodeRequest(chunk, greeting, port, (id) => ends.receiver.runOf(id))!;
      socket.write(request.answer);
      if (request.bulk) onBulk(socket, 0);
    });
    socket.write(greeting);
  });
}

function receipt(came: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(came);
  return out;
}

test('bulk that stands still, on the way there and on the way back, and bulk that merely ends', async () => {
  const ends = pair();
  const there = await answering(ends, (socket, came) => {
    if (came === 0) socket.write(receipt(1_000));
  });
  const back = await answering(ends, (socket, came) => {
    if (came === BULK_BYTES) socket.write(Buffer.concat([receipt(500), receipt(BULK_BYTES), Buffer.alloc(7)]));
  });
  const cut = await answering(ends, (socket, came) => {
    if (came > 0) socket.resetAndDestroy();
  });
  const liar = await answering(ends, (socket, came) => {
    if (came > 0) socket.write(Buffer.alloc(900_000, 0xff));
  });
  const bulks = await Promise.all(
    [there, back, cut, liar].map(
      async (port) => (await sendTcp(ends.sender, job(port, { bulk: true }), PACE, none(), never)).bulk,
    ),
  );
  expect(bulks).toMatchObject([
    { arrived: 1_000, returned: 0, stalled: true },
    { arrived: BULK_BYTES, returned: 7, stalled: true },
    { arrived: 0, returned: 0, stalled: false },
    { arrived: BULK_BYTES, returned: BULK_BYTES, stalled: false },
  ]);
});

test('what this machine refuses at once', async () => {
  // 255.255.255.255 has no route for TCP: the system call itself says so.
  expect(await sawOf(9, { address: '255.255.255.255' })).toMatchObject({
    outcome: 'error',
    errno: 'ENETUNREACH',
    atOnce: true,
  });
});

test('a name is never looked up', async () => {
  await expect(sendTcp(pair().sender, job(9, { address: 'localhost' }), PACE, none(), never)).rejects.toThrow(
    'no IP address',
  );
  await expect(listenTcp(pair().receiver, 'localhost', 9)).rejects.toThrow('no IP address');
});

test('200 kB there and back, and not counted as a request', async () => {
  const ends = pair();
  const { first } = await open(ends.receiver, 3);
  const { bulk, reaches } = await sendTcp(
    ends.sender,
    job(first, { last: first + 2, bulk: true }),
    PACE,
    none(),
    never,
  );
  expect(bulk).toEqual({
    port: first,
    bytes: 200_000,
    arrived: 200_000,
    returned: 200_000,
    ms: expect.any(Number),
    stalled: false,
  });
  expect(reaches).toHaveLength(1);
  await expect.poll(() => arrivalsAt(ends.run, first, first + 2)).toMatchObject([{ arrived: 1, answered: 1 }]);
});

test('a port that is taken, and an address that is not here', async () => {
  const { receiver } = pair();
  const { first } = await open(receiver);
  await expect(listenTcp(receiver, HERE, first)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(listenTcp(receiver, '192.0.2.1', first)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
});

/** A raw connection: what came until it ended. */
function raw(port: number, talk: (socket: Socket, greeting: Buffer) => void): Promise<Buffer> {
  return new Promise((done) => {
    const socket = connect({ host: HERE, port });
    closers.push(() => socket.destroy());
    let got = Buffer.alloc(0);
    let greeted = false;
    socket.on('error', () => undefined);
    socket.on('close', () => done(got));
    socket.on('data', (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      if (greeted || got.length < GREETING_BYTES) return;
      greeted = true;
      talk(socket, got.subarray(0, GREETING_BYTES));
    });
  });
}

test('nobody who cannot prove to be a member gets a word more than the greeting', async () => {
  const ends = pair();
  const { first } = await open(ends.receiver);
  const request = (greeting: Buffer, run = ends.sender, port = first) =>
    encodeRequest(run, false, 1, greeting, port).request;
  const flipped = (bytes: Buffer, place: number) => {
    const out = Buffer.from(bytes);
    out[place]! ^= 1;
    return out;
  };
  const said: ((greeting: Buffer) => Buffer)[] = [
    () => Buffer.from('GET / HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n'),
    () => randomBytes(48),
    () => randomBytes(100_000),
    (greeting) => request(greeting, { ...ends.sender, id: randomBytes(8) }),
    (greeting) => request(greeting, { ...ends.sender, secret: newKey() }),
    (greeting) => request(greeting, { ...ends.sender, self: 3 }),
    (greeting) => request(greeting, ends.sender, first + 1),
    () => request(randomBytes(GREETING_BYTES)),
    (greeting) => flipped(request(greeting), 47),
    (greeting) => flipped(request(greeting), 9),
    (greeting) => Buffer.concat([request(greeting), Buffer.from([0])]),
  ];
  for (const say of said) {
    const got = await raw(first, (socket, greeting) => socket.write(say(greeting)));
    expect(got).toHaveLength(GREETING_BYTES);
  }
  expect(arrivalsAt(ends.run, first)).toEqual([]);
  expect(await sawOf(first, {}, ends)).toMatchObject({ outcome: 'answered' });
});

test('a request may come in pieces', async () => {
  const ends = pair();
  const { first } = await open(ends.receiver);
  const got = await raw(first, (socket, greeting) => {
    const bytes = encodeRequest(ends.sender, false, 1, greeting, first).request;
    socket.write(bytes.subarray(0, 20));
    setTimeout(() => socket.write(bytes.subarray(20)), 20);
    setTimeout(() => socket.write('more'), 60);
  });
  expect(got).toHaveLength(GREETING_BYTES + ANSWER_BYTES);
  expect(arrivalsAt(ends.run, first)).toMatchObject([{ arrived: 1, answered: 1 }]);
});

test('random bytes never pass for a request', async () => {
  const ends = pair();
  const { first } = await open(ends.receiver);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 48, maxLength: 200 }), async (bytes) => {
      expect(await raw(first, (socket) => socket.write(bytes))).toHaveLength(GREETING_BYTES);
    }),
    { numRuns: 50 },
  );
  expect(arrivalsAt(ends.run, first)).toEqual([]);
});

test('1,000 idle connections do not keep a member out, and all are ended', async () => {
  const ends = pair();
  const { first } = await open(ends.receiver);
  let greeted = 0;
  const idle = Array.from({ length: 1_000 }, () => raw(first, () => greeted++));
  await expect.poll(() => greeted, { timeout: 4_000 }).toBe(1_000);
  expect(await sawOf(first, {}, ends)).toMatchObject({ outcome: 'answered', answeredBy: 'b' });
  await Promise.all(idle);
});

test('a port that is closed ends its connections, and is free', async () => {
  const ends = pair();
  const { first, opened } = await open(ends.receiver);
  const { promise: greeted, resolve } = Promise.withResolvers<void>();
  const ended = raw(first, () => resolve());
  await greeted;
  await opened[0]!.close();
  await ended;
  expect(await sawOf(first, {}, ends)).toMatchObject({ outcome: 'refused' });
  const again = await listenTcp(ends.receiver, HERE, first);
  await again.close();
});

test('aborted in the middle, it leaves nothing open', async () => {
  const gone: Promise<unknown>[] = [];
  const mute = await stranger((socket) => gone.push(new Promise((done) => socket.on('close', done))));
  const control = new AbortController();
  const held = none();
  const sending = sendTcp(
    pair().sender,
    job(mute, { repeat: 16, hold: true }),
    { inFlight: 64, silenceMs: 60_000 },
    held,
    control.signal,
  );
  await expect.poll(() => gone.length).toBe(16);
  control.abort(new Error('enough'));
  await expect(sending).rejects.toThrow('enough');
  await Promise.all(gone);
  expect(held.sockets.size).toBe(0);
  await expect(sendTcp(pair().sender, job(mute), PACE, none(), control.signal)).rejects.toThrow('enough');
});

test('many mute ports cost one time-out, with few in flight and few sockets', async () => {
  const mute = await stranger(() => undefined);
  const ends = pair();
  const started = performance.now();
  await sendTcp(ends.sender, job(mute, { repeat: 16 }), { inFlight: 4, silenceMs: 500 }, none(), never);
  const parked = performance.now() - started;
  const windows = performance.now();
  await sendTcp(ends.sender, job(mute, { repeat: 16 }), { inFlight: 4, silenceMs: 500, sockets: 4 }, none(), never);
  expect(performance.now() - windows).toBeGreaterThan(parked);
});

test('neighbours that differ are apart', async () => {
  const ends = pair();
  const { first, opened } = await open(ends.receiver, 9);
  for (const each of opened.slice(3, 6)) await each.close();
  const { reaches } = await sendTcp(ends.sender, job(first, { last: first + 8 }), PACE, none(), never);
  expect(reaches.map(({ ports, saw }) => [ports.first - first, ports.last - first, saw.outcome])).toEqual([
    [0, 2, 'answered'],
    [3, 5, 'refused'],
    [6, 8, 'answered'],
  ]);
});
