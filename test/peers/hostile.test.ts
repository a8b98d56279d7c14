import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { controlConnection } from '../../src/peers/control/control-connect.ts';
import { MESSAGE_LIMIT } from '../../src/peers/messages/protocol.ts';
import { connected, controlProcess, PSK, RUN, served, soon, stub } from './control.ts';

/** Limit of the whole program. Megabytes. */
const MEMORY = 200;

/** A connection of somebody who does not hold the token; what comes back is kept. */
function stranger(port: number, host = '127.0.0.1'): { socket: Socket; got: () => Buffer; closed: Promise<void> } {
  const socket = connectTcp({ port, host: '127.0.0.1', localAddress: host });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  return { socket, got: () => Buffer.concat(chunks), closed };
}

/** The first bytes of an honest handshake, and no more. */
async function clientHello(): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const hello = new Promise<Buffer>((done) => {
    server.once('connection', (socket) => {
      socket.once('data', (chunk: Buffer) => {
        done(chunk);
        socket.destroy();
      });
    });
  });
  await controlConnection({ key: 'w1', address: '127.0.0.1', port, psk: PSK }, AbortSignal.timeout(500)).catch(
    () => undefined,
  );
  return hello;
}

/** Records of TLS: the kind, the version, the length. 21 is an alert. */
function kindsOf(bytes: Buffer): number[] {
  const kinds: number[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) kinds.push(bytes.readUInt8(at));
  return kinds;
}

describe('who does not hold the token gets nothing but alerts of TLS', () => {
  test.each([
    ['HTTP', Buffer.from('POST /meet HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')],
    ['HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['random bytes', randomBytes(10_000)],
    ['a record that is longer than any', Buffer.from([0x16, 3, 3, 0xff, 0xff, ...randomBytes(70_000)])],
    ['an empty record', Buffer.from([0x16, 3, 3, 0, 0])],
    ['a line end', Buffer.from('\n')],
  ])('%s', async (_name, bytes) => {
    const { peer, calls } = stub();
    const { socket, got, closed } = stranger(await served({ peer }));
    socket.end(bytes);
    await closed;
    expect(kindsOf(got()).every((kind) => kind === 21)).toBe(true);
    expect(calls).toEqual([]);
  });

  test.each([{}, { maxVersion: 'TLSv1.2' as const }, { ciphers: 'PSK:ALL', maxVersion: 'TLSv1.2' as const }])(
    'plain TLS %o',
    async (options) => {
      const { peer, calls } = stub();
      const port = await served({ peer });
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
      const error = await new Promise<Error>((done) => socket.once('error', done));
      expect(error.message).toMatch(/alert/i);
      expect(calls).toEqual([]);
    },
  );

  test('a handshake that is begun and never ended', async () => {
    const { peer, calls } = stub();
    const { socket, closed } = stranger(await served({ peer }));
    const started = performance.now();
    socket.write(await clientHello());
    await closed;
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(calls).toEqual([]);
  });
});

describe('the owner of the token gets through', () => {
  test('beside 1,000 idle connections and 200 handshakes that stand still; memory stays bounded', async () => {
    const { child, port, memory } = await controlProcess();
    const hello = await clientHello();
    const descriptors = () => readdirSync(`/proc/${child.pid}/fd`).length;
    const before = descriptors();
    let most = 0;
    const sampling = setInterval(() => (most = Math.max(most, descriptors() - before)), 10);
    onTestFinished(() => clearInterval(sampling));
    const crowd = (count: number, bytes?: Buffer) => {
      for (let index = 0; index < count; index++) {
        const { socket } = stranger(port);
        if (bytes !== undefined) socket.write(bytes);
      }
    };
    crowd(1_000);
    crowd(200, hello);
    const client = await connected(port);
    expect(await client.call('clock', {}, soon())).toEqual({ receivedMs: 1, sentMs: 2 });
    expect(await memory()).toBeLessThan(MEMORY);
    // They make room for each other, and not for ever.
    // The kernel may have dropped some of the crowd, who do not know of it: what counts is who was taken.
    await vi.waitFor(
      () => {
        expect(most).toBeGreaterThan(100);
        expect(descriptors() - before).toBeLessThan(5);
      },
      { timeout: 20_000, interval: 20 },
    );
    expect(most).toBeLessThan(300);
    expect(await client.call('clock', {}, soon())).toEqual({ receivedMs: 1, sentMs: 2 });
  });

  test('while others come and go without a pause', async () => {
    const { port, memory } = await controlProcess();
    const over = new AbortController();
    const attack = async () => {
      while (!over.signal.aborted) {
        const { socket } = stranger(port);
        socket.write(randomBytes(2_000));
        await new Promise((turn) => setTimeout(turn, 1));
      }
    };
    const attacks = Array.from({ length: 4 }, attack);
    for (let count = 0; count < 20; count++) {
      const client = await connected(port);
      expect(await client.call('clock', {}, soon())).toEqual({ receivedMs: 1, sentMs: 2 });
      client.close();
    }
    over.abort();
    await Promise.all(attacks);
    expect(await memory()).toBeLessThan(MEMORY);
  });

  test('of whom a crowd from one address pushes nobody out who came from another', async () => {
    const port = await served();
    const early = stranger(port, '127.0.0.2');
    let gone = false;
    void early.closed.then(() => (gone = true));
    await new Promise((done) => early.socket.once('connect', done));
    const crowd = Array.from({ length: 400 }, () => stranger(port));
    await Promise.all(crowd.slice(0, 200).map(({ closed }) => closed));
    expect(gone).toBe(false);
  });
});

describe('who holds the token is not trusted with everything', () => {
  /** What comes back when these bytes are said on a connection that is proved. */
  async function said(port: number, ...parts: readonly (string | Buffer)[]): Promise<string> {
    const socket = await proved(port);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    for (const part of parts) socket.write(part);
    await new Promise((done) => socket.once('close', done));
    return Buffer.concat(chunks).toString('latin1');
  }

  async function proved(port: number): Promise<TLSSocket> {
    const socket = await controlConnection({ key: 'w1', address: '127.0.0.1', port, psk: PSK }, soon());
    onTestFinished(() => void socket.destroy());
    return socket;
  }

  const post = (path: string, body: string, more = '') =>
    `POST ${path} HTTP/1.1\r\nHost: w1\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;

  test.each([
    ['no such path', post('/v1/nothing', '{}'), 404],
    ['what every object has', post('/v1/constructor', '{}'), 404],
    ['another version', post('/v2/clock', '{}'), 404],
    ['another method', 'GET /v1/clock HTTP/1.1\r\nHost: w1\r\nConnection: close\r\n\r\n', 405],
    ['no JSON', post('/v1/clock', '{'), 400],
    ['nothing', post('/v1/clock', ''), 400],
    ['bytes that are no UTF-8', post('/v1/renew', '"\u00ff"'), 400],
    ['nests without end', post('/v1/clock', '['.repeat(100_000)), 400],
    ['a run that is none', post('/v1/renew', '{"run":"../../etc"}'), 400],
    ['another release', post('/meet', '{"protocol":2,"version":"3.0.0","new":true}'), 409],
    ['no HTTP', '\u0001\u0002\u0003\r\n\r\n', 400],
    ['headers without end', `POST /meet HTTP/1.1\r\n${'X: y\r\n'.repeat(10_000)}`, 431],
    [
      'a length that is too long',
      `POST /v1/clock HTTP/1.1\r\nHost: x\r\nContent-Length: ${MESSAGE_LIMIT + 1}\r\n\r\n`,
      413,
    ],
  ])('%s', async (_name, bytes, status) => {
    const { peer, calls } = stub();
    const answer = await said(await served({ peer }), bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).not.toMatch(/\n\s+at /);
    expect(calls).toEqual([]);
  });

  test('a body without end is cut off', async () => {
    const { port, memory } = await controlProcess();
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, ' '), Buffer.from('\r\n')]);
    const head = 'POST /v1/clock HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunks = Array.from({ length: (2 * MESSAGE_LIMIT) / 0x10000 }, () => chunk);
    await Promise.all([said(port, head, ...chunks), said(port, head, ...chunks)]);
    expect(await memory()).toBeLessThan(MEMORY);
    expect(await (await connected(port)).call('clock', {}, soon())).toEqual({ receivedMs: 1, sentMs: 2 });
  });

  test('many long bodies at a time do not fill memory', async () => {
    const { port, memory } = await controlProcess();
    const head = `POST /v1/clock HTTP/1.1\r\nHost: x\r\nContent-Length: ${MESSAGE_LIMIT}\r\n\r\n`;
    const sockets = await Promise.all(Array.from({ length: 20 }, () => proved(port)));
    const almost = Buffer.alloc(MESSAGE_LIMIT - 1, ' ');
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.write(head);
      socket.write(almost);
    }
    await new Promise((turn) => setTimeout(turn, 1_500));
    expect(await memory()).toBeLessThan(MEMORY);
    for (const socket of sockets) socket.destroy();
    expect(await (await connected(port)).call('clock', {}, soon())).toEqual({ receivedMs: 1, sentMs: 2 });
  });

  test('one request at a time on a connection', async () => {
    const { peer, calls } = stub({ renew: () => new Promise(() => undefined) });
    const port = await served({ peer });
    const request = `POST /v1/renew HTTP/1.1\r\nHost: w1\r\nContent-Length: 26\r\n\r\n{"run":"${RUN}"}`;
    expect(await said(port, request.repeat(50))).toBe('');
    expect(calls.length).toBeLessThan(2);
  });

  test('no more than a few connections, and again when they are gone', async () => {
    const port = await served();
    const sockets = await Promise.all(Array.from({ length: 120 }, () => proved(port).catch(() => null)));
    await vi.waitFor(() => expect(sockets.filter((socket) => socket?.destroyed === false)).toHaveLength(64));
    for (const socket of sockets) socket?.destroy();
    await vi.waitFor(async () => expect((await connected(port)).remoteAddress).toBe('127.0.0.1'));
  });
});
