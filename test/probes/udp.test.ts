import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { dress } from '../../src/probes/encapsulation.ts';
import { decodeEcho, encodeEcho, encodeRequest, type Form } from '../../src/probes/datagram.ts';
import type { OpenPort, Pace, Receiver, Run } from '../../src/probes/ends.ts';
import { listenUdp, sendUdp, type UdpJob } from '../../src/probes/udp.ts';
import { liveSystem } from '../../src/system/live.ts';
import { newKey } from '../../src/probes/seal.ts';
import { twoMembers } from './members.ts';

const PACE: Pace = { inFlight: 64, silenceMs: 300 };
const signal = new AbortController().signal;

function send(sender: Run, port: number, job: Partial<UdpJob> = {}, pace = PACE, stop = signal, system = liveSystem()) {
  const ports = [{ first: port, last: port }];
  return sendUdp(
    sender,
    system,
    { to: 'b', address: '127.0.0.1', ports, count: 1, dress: null, connected: false, ...job },
    pace,
    stop,
  );
}

async function sawOf(...args: Parameters<typeof send>) {
  const [seen, ...others] = await send(...args);
  if (seen === undefined || others.length > 0) throw new Error('one port, one story');
  return seen.saw;
}

/** A socket of the test's own on loopback. */
async function socketAt(hear?: (datagram: Buffer, remote: RemoteInfo, socket: Socket) => void, address = '127.0.0.1') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  if (hear !== undefined) socket.on('message', (datagram, remote) => hear(datagram, remote, socket));
  socket.bind(0, address);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket;
}

/** A port that nobody else has a moment later. */
async function freePort(address = '127.0.0.1'): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

async function listener(receiver: Receiver, address = '127.0.0.1'): Promise<number> {
  const port = await freePort(address);
  const open = await listenUdp(receiver, address, port);
  onTestFinished(() => open.close());
  return port;
}

/** Of this thread alone. */
const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;

test.for([
  ['127.0.0.1', false],
  ['127.0.0.1', true],
  ['::1', false],
  ['::1', true],
] as const)('a listener on %s answers, and both sides have seen it (connected: %s)', async ([address, connected]) => {
  const { sender, receiver, received } = twoMembers();
  const port = await listener(receiver, address);
  const saw = await sawOf(sender, port, { address, connected });
  expect(saw).toMatchObject({ outcome: 'answered', errno: null, sent: 1, address, answeredBy: 'b', answers: null });
  expect(saw.rttMs).toBeGreaterThan(0);
  const ports = { first: port, last: port };
  expect(received.arrivals.rows(0, [{ protocol: 'udp', ports }])).toMatchObject([
    { from: 0, ports, arrived: 1, answered: 1, source: address },
  ]);
});

test('plain, dressed and like-dressed datagrams are counted on both sides', async () => {
  const { sender, receiver, received } = twoMembers();
  const port = await listener(receiver);
  const all = { sent: 20, came: 20, duplicates: 0, reordered: 0 };
  for (const kind of ['vxlan', 'geneve'] as const)
    expect(await sawOf(sender, port, { count: 20, dress: kind, connected: true })).toMatchObject({
      sent: 60,
      answers: all,
      dressed: all,
      likeDressed: all,
    });
  const both = { sent: 40, came: 40, duplicates: 0, reordered: 0 };
  expect(received.arrivals.rows(0, [{ protocol: 'udp', ports: { first: port, last: port } }])).toMatchObject([
    { arrived: 120, answered: 120, requests: both, dressed: both, likeDressed: both },
  ]);
});

test('nobody listens: refused where the socket is connected, silence where it is not', async () => {
  const { sender } = twoMembers();
  const port = await freePort();
  expect(await sawOf(sender, port, { connected: true })).toMatchObject({
    outcome: 'refused',
    errno: 'ECONNREFUSED',
    atOnce: false,
    sent: 1,
  });
  const saw = await sawOf(sender, port);
  expect(saw).toMatchObject({ outcome: 'silence', errno: null, sent: 3, answeredBy: null });
  expect(saw.waitedMs).toBeGreaterThanOrEqual(PACE.silenceMs * 0.99);
});

test.for([false, true])('a call that refuses is an error at once (connected: %s)', async (connected) => {
  const { sender } = twoMembers();
  // Without SO_BROADCAST the kernel refuses it.
  expect(await sawOf(sender, 9, { address: '255.255.255.255', connected })).toMatchObject({
    outcome: 'error',
    errno: 'EACCES',
    atOnce: true,
  });
});

test('what is lost the first time comes the second', async () => {
  const { sender, received } = twoMembers();
  let lost = 0;
  const gate = await socketAt((datagram, remote, socket) => {
    if (lost++ < 2) return;
    answer(received, socket.address().port, datagram, remote, socket);
  });
  expect(await sawOf(sender, gate.address().port)).toMatchObject({ outcome: 'answered', sent: 3, answeredBy: 'b' });
});

/** As the listener does it, from a socket of the test's own. */
function answer(received: Run, port: number, datagram: Buffer, remote: RemoteInfo, socket: Socket): void {
  const number = datagram.readUInt32BE(14);
  socket.send(encodeEcho({ run: received, from: 0, form: 'plain', number }, port), remote.port, remote.address);
}

test('loss, duplicates and the order of answers are counted', async () => {
  const { sender, received } = twoMembers();
  let held: (() => void) | null = null;
  const gate = await socketAt((datagram, remote, socket) => {
    const number = datagram.readUInt32BE(14);
    const send = () => answer(received, socket.address().port, datagram, remote, socket);
    if (number === 3) return;
    if (number === 5) {
      held = send;
      return;
    }
    send();
    if (number === 7) send();
    if (number === 6) held?.();
  });
  expect((await sawOf(sender, gate.address().port, { count: 10, connected: true })).answers).toEqual({
    sent: 10,
    came: 9,
    duplicates: 1,
    reordered: 1,
  });
});

test('numbers go on in a second look, so that nothing looks like a duplicate', async () => {
  const { sender, receiver, received } = twoMembers();
  const port = await listener(receiver);
  for (let look = 0; look < 2; look++) await sawOf(sender, port, { count: 5 });
  expect(received.arrivals.rows(0, [{ protocol: 'udp', ports: { first: port, last: port } }])).toMatchObject([
    { requests: { sent: 10, came: 10, duplicates: 0, reordered: 0 } },
  ]);
});

test('a member that was not asked is named; who proves nothing is a stranger', async () => {
  const { sender, received } = twoMembers();
  const other = { ...received, self: 0 };
  const wrong = await socketAt((datagram, remote, socket) =>
    answer(other, socket.address().port, datagram, remote, socket),
  );
  expect(await sawOf(sender, wrong.address().port)).toMatchObject({ outcome: 'answered', answeredBy: 'a' });

  for (const connected of [false, true]) {
    const stranger = await socketAt((datagram, remote, socket) => socket.send(datagram, remote.port, remote.address));
    expect(await sawOf(sender, stranger.address().port, { connected })).toMatchObject({
      outcome: 'accepted',
      answeredBy: null,
      spoken: true,
    });
  }
});

test('an answer from another address is none; what others send to our port is nothing', async () => {
  const { sender, received } = twoMembers();
  const port = await freePort();
  const elsewhere = createSocket('udp4').bind(port, '127.0.0.3');
  const asked = createSocket('udp4').bind(port, '127.0.0.2');
  onTestFinished(() => {
    elsewhere.close();
    asked.close();
  });
  await Promise.all([once(elsewhere, 'listening'), once(asked, 'listening')]);
  const noise = (remote: RemoteInfo) => elsewhere.send(randomBytes(40), remote.port, remote.address);
  asked.on('message', (_, remote) => noise(remote));
  expect(await sawOf(sender, port, { address: '127.0.0.2' })).toMatchObject({ outcome: 'silence', spoken: false });
  asked.on('message', (datagram, remote) => answer(received, port, datagram, remote, elsewhere));
  expect(await sawOf(sender, port, { address: '127.0.0.2' })).toMatchObject({
    outcome: 'accepted',
    spoken: true,
    answeredBy: null,
  });
});

test('only requests of our runs for this port are answered, and never with more than was asked', async () => {
  const { sender, receiver, received } = twoMembers();
  const port = await listener(receiver);
  const foreign = twoMembers().sender;
  const whole = (run: Run, form: Form, to = port, number = 1) => encodeRequest(run, 'b', to, { form, number }, 64);
  const heard: Buffer[] = [];
  const client = await socketAt((datagram) => heard.push(datagram));
  const bad = [
    Buffer.alloc(0),
    randomBytes(64),
    whole(foreign, 'plain'),
    whole({ ...sender, secret: newKey() }, 'plain'),
    whole({ ...sender, self: 2 }, 'plain'),
    whole(sender, 'plain', port === 1 ? 2 : port - 1),
    whole(sender, 'plain').subarray(0, 63),
    whole(sender, 'dressed'),
    dress('vxlan', whole(sender, 'plain')),
    Buffer.concat([Buffer.alloc(1), whole(sender, 'plain')]),
    encodeEcho({ run: received, from: 0, form: 'plain', number: 1 }, port),
  ];
  for (const datagram of bad) client.send(datagram, port, '127.0.0.1');
  client.send(whole(sender, 'sized', port, 7), port, '127.0.0.1');
  client.send(whole(sender, 'plain', port, 8), port, '127.0.0.1');
  await expect.poll(() => heard.length).toBe(2);
  expect(heard.map((echo) => decodeEcho(sender, port, echo)?.number)).toEqual([7, 8]);
  expect(Math.max(...heard.map(({ length }) => length))).toBeLessThan(64);
  expect(received.arrivals.rows(null, [{ protocol: 'udp', ports: { first: 1, last: 65_535 } }])).toMatchObject([
    { from: 0, arrived: 1 },
  ]);
});

test('what was meant for another machine is answered, and no arrival here', async () => {
  const { sender, receiver, received } = twoMembers();
  const port = await listener(receiver);
  const heard: Buffer[] = [];
  const client = await socketAt((datagram) => heard.push(datagram));
  client.send(encodeRequest(sender, 'a', port, { form: 'plain', number: 1 }, 64), port, '127.0.0.1');
  await expect.poll(() => heard.map((echo) => decodeEcho(sender, port, echo)?.by)).toEqual(['b']);
  expect(received.arrivals.rows(null, [{ protocol: 'udp', ports: { first: port, last: port } }])).toEqual([]);
});

test('a range is told as a range, with its hole', async () => {
  const { sender, receiver } = twoMembers();
  const first = 21_000;
  const ports = { first, last: first + 99 };
  const opened: OpenPort[] = [];
  for (let port = first; port <= ports.last; port++)
    if (port < first + 40 || port > first + 49) opened.push(await listenUdp(receiver, '127.0.0.9', port));
  onTestFinished(async () => void (await Promise.all(opened.map((open) => open.close()))));
  const seen = await send(
    sender,
    first,
    { address: '127.0.0.9', ports: [ports], connected: true },
    { ...PACE, sockets: 30 },
  );
  expect(seen.map(({ ports, saw }) => [ports.first - first, ports.last - first, saw.outcome])).toEqual([
    [0, 39, 'answered'],
    [40, 49, 'refused'],
    [50, 99, 'answered'],
  ]);
});

test('while its own sockets lose answers the sender does not call it silence', async () => {
  const { sender } = twoMembers();
  const port = await freePort();
  let reads = 0;
  const system = {
    ...liveSystem(),
    readText: async () => {
      const local = Array.from({ length: 65_535 }, (_, index) => index + 1).map(
        (own) =>
          ` 1: 0100007F:${own.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 07 0:0 0:0 0 0 0 1 2 0 ${reads + 1}`,
      );
      reads++;
      return local.join('\n');
    },
  };
  expect(await sawOf(sender, port, {}, { ...PACE, silenceMs: 60 }, signal, system)).toMatchObject({
    outcome: 'error',
    errno: 'ENOBUFS',
    atOnce: true,
    sent: 5,
  });
  expect(reads).toBe(3);
});

test('nothing stays open: success, failure, abort; closing twice is closing once', async () => {
  const { sender, receiver } = twoMembers();
  const port = await freePort();
  const before = sockets();
  const open = await listenUdp(receiver, '127.0.0.1', port);
  await expect(listenUdp(receiver, '127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(listenUdp(receiver, '192.0.2.77', port)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  expect(sockets()).toBeGreaterThan(before);
  await send(sender, port, { connected: true });
  await open.close();
  await open.close();
  for (const connected of [false, true]) {
    const abort = new AbortController();
    const sending = send(
      sender,
      port,
      { connected, ports: [{ first: 22_000, last: 22_400 }] },
      { inFlight: 4, silenceMs: 3_000 },
      abort.signal,
    );
    setTimeout(() => abort.abort(), 20);
    await expect(sending).rejects.toThrow('abort');
  }
  await expect.poll(sockets).toBeLessThanOrEqual(before);
});
