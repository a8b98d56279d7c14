import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Answer, Question } from '../../src/serve/answers.ts';
import { openServer, type HttpServer, type ServerOptions } from '../../src/serve/http-server.ts';

const open: HttpServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const HUGE = Buffer.alloc(64 * 1_024 * 1_024, 'x');

function answer({ method, url }: Question): Answer {
  const headers = { 'content-type': 'text/plain' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers, body: [Buffer.from('no\n')] };
  return { status: 200, headers, body: url === '/huge' ? [HUGE] : [Buffer.from('well '), Buffer.from('met\n')] };
}

async function serving(options: Partial<ServerOptions> = {}): Promise<number> {
  const server = await openServer({ address: '127.0.0.1', port: 0, answer, ...options });
  open.push(server);
  return server.port;
}

/** A client that sends this and nothing more, and what it has got so far. */
function client(
  port: number,
  sends: string | Buffer = '',
): { socket: Socket; said: () => string; closed: Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  if (sends.length > 0) socket.write(sends);
  return { socket, said: () => text, closed };
}

/** The most by which what is held outside of the heap grew meanwhile, in bytes. */
function watchMemory(): () => number {
  const before = process.memoryUsage().arrayBuffers;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 10);
  return () => {
    clearInterval(timer);
    return most - before;
  };
}

async function get(port: number): Promise<string> {
  const { said, closed } = client(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await closed;
  return said();
}

const WELL = /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nwell met\n$/;

describe('somebody who comes in earnest', () => {
  test('is answered, and the connection ends with the answer', async () => {
    const said = await get(await serving());
    expect(said).toMatch(WELL);
    expect(said).toMatch(/\r\ncontent-length: 9\r\n/i);
    expect(said).toMatch(/\r\nconnection: close\r\n/i);
  });

  test('HEAD has the headers alone', async () => {
    const { said, closed } = client(await serving(), 'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n');
    await closed;
    expect(said()).toMatch(/content-length: 9\r\n[^]*\r\n\r\n$/i);
  });

  test('a port that is held is a SystemError with its code', async () => {
    const port = await serving();
    await expect(openServer({ address: '127.0.0.1', port, answer })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('closing hangs up on everybody, also on who is in the middle of something', async () => {
    const port = await serving();
    const idle = client(port);
    const slow = client(port, 'GET / HT');
    await vi.waitFor(() => expect(slow.socket.readyState).toBe('open'));
    await open.splice(0)[0]?.close();
    await Promise.all([idle.closed, slow.closed]);
  });
});

describe('among those who do not, somebody in earnest is answered', () => {
  test('1,000 idle connections, and 1,000 that send a header a byte at a time', async () => {
    const port = await serving();
    const crowd = Array.from({ length: 2_000 }, (_, index) =>
      client(port, index % 2 === 0 ? '' : 'GET / HTTP/1.1\r\nX-a: '),
    );
    const drip = setInterval(
      () => crowd.forEach(({ socket }, index) => index % 2 === 1 && socket.writable && socket.write('b')),
      100,
    );
    try {
      for (let time = 0; time < 20; time++) {
        expect(await get(port)).toMatch(WELL);
        await sleep(20);
      }
      await vi.waitFor(() => expect(crowd.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(128), {
        timeout: 10_000,
      });
    } finally {
      clearInterval(drip);
    }
  });

  test('headers that never end are given up', async () => {
    const { socket, closed, said } = client(await serving(), 'GET / HTTP/1.1\r\nHost: a\r\n');
    const drip = setInterval(() => socket.write('X: y\r\n'), 200);
    await closed.finally(() => clearInterval(drip));
    expect(said()).not.toContain('well met');
  });

  test('who does not read the answer is cut off, and costs no copy of it', async () => {
    const port = await serving({ lifeMs: 1_500 });
    const growth = watchMemory();
    const deaf = Array.from({ length: 100 }, () => client(port, 'GET /huge HTTP/1.1\r\nHost: a\r\n\r\n'));
    for (const { socket } of deaf) socket.pause();
    await sleep(500);
    expect(await get(port)).toMatch(WELL);
    // A hundred copies of it would be 6.4 GB.
    expect(growth()).toBeLessThan(HUGE.length);
    for (const { socket } of deaf) socket.resume();
    await Promise.all(deaf.map(({ closed }) => closed));
  });
});

describe('what is no question', () => {
  test('10 MB are not taken in', async () => {
    const port = await serving();
    const growth = watchMemory();
    const body = Buffer.alloc(10 * 1_024 * 1_024);
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
    const uploads = Array.from({ length: 20 }, () => client(port, head));
    for (const { socket } of uploads) socket.write(body);
    await Promise.all(uploads.map(({ closed }) => closed));
    expect(await get(port)).toMatch(WELL);
    expect(growth()).toBeLessThan(5 * body.length);
  });

  test('who asks whether to send a body is told no, and not to go on', async () => {
    const { said, closed } = client(
      await serving(),
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
    );
    await closed;
    expect(said()).toMatch(/^HTTP\/1\.1 405 /);
  });

  test('thousands of questions at once get one answer at most', async () => {
    const port = await serving();
    const { said, closed } = client(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20_000));
    await closed;
    expect([...said().matchAll(/HTTP\/1\.1 200/g)].length).toBeLessThanOrEqual(1);
    expect(await get(port)).toMatch(WELL);
  });

  test.each([
    [
      'headers of 100 kB',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      /^(?:HTTP\/1\.1 431 .*[^]*)?$/,
    ],
    ['a path of 100 kB', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, /^(?:HTTP\/1\.1 431 .*[^]*)?$/],
    ['no HTTP', '\u0016\u0003\u0001\u0002 hello\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a method that is none', 'STEAL / HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', /^$/],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n', WELL],
  ])('%s', async (_, sends, expected) => {
    const port = await serving();
    const { said, closed } = client(port, sends);
    await closed;
    expect(said()).toMatch(expected);
    expect(await get(port)).toMatch(WELL);
  });
});
