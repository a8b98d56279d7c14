import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ControlProblem } from '../../src/evidence/control-problems.ts';
import { PeerError } from '../../src/peers/peer.ts';
import { MESSAGE_LIMIT } from '../../src/peers/messages/protocol.ts';
import { connected, controlProcess, RUN, served, soon, stub, VERSION } from './control.ts';

async function problemOf(work: Promise<unknown>): Promise<{ problem: ControlProblem; message: string }> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PeerError)) throw new Error(`no PeerError: ${String(error)}`);
  expect(error.message).toMatch(/^[^\n]+$/);
  return { problem: error.problem, message: error.message };
}

/** Some other program on a port of loopback. */
async function other(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return listenOn(server);
}

async function listenOn(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a call', () => {
  test('is asked and answered as the protocol has it', async () => {
    const { peer, calls } = stub({ clock: { receivedMs: 1, sentMs: 2, more: true } });
    const client = await connected(await served({ peer }));
    expect(await client.call('clock', {}, soon())).toEqual({ receivedMs: 1, sentMs: 2 });
    expect(await client.call('renew', { run: RUN }, soon())).toEqual({});
    expect(calls.map(({ message, request }) => [message, request])).toEqual([
      ['clock', {}],
      ['renew', { run: RUN }],
    ]);
  });

  test('does not wait for one that takes long', async () => {
    const { peer } = stub({ send: () => new Promise(() => undefined) });
    const client = await connected(await served({ peer }));
    const long = new AbortController();
    const sending = problemOf(client.call('send', { run: RUN, jobs: [], inFlight: 1, silenceMs: 100 }, long.signal));
    for (let count = 0; count < 20; count++) expect(await client.call('renew', { run: RUN }, soon())).toEqual({});
    long.abort();
    expect(await sending).toMatchObject({ problem: 'lost', message: expect.stringContaining('w1') });
  });

  test('that is called off is called off at the peer too', async () => {
    const { peer, calls } = stub({ renew: () => new Promise(() => undefined) });
    const client = await connected(await served({ peer }));
    const controller = new AbortController();
    const call = problemOf(client.call('renew', { run: RUN }, controller.signal));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    controller.abort();
    expect((await call).problem).toBe('lost');
    await vi.waitFor(() => expect(calls[0]?.signal.aborted).toBe(true));
  });

  test('tells both addresses of the connection', async () => {
    const client = await connected(await served(), { host: 'localhost' });
    expect(client).toMatchObject({ localAddress: '127.0.0.1', remoteAddress: '127.0.0.1' });
  });

  test('of a peer that is hung up on ends', async () => {
    const { peer } = stub({ renew: () => new Promise(() => undefined) });
    const client = await connected(await served({ peer }));
    const call = problemOf(client.call('renew', { run: RUN }, soon()));
    await new Promise((turn) => setTimeout(turn, 50));
    client.close();
    expect((await call).problem).toBe('lost');
    expect((await problemOf(client.call('renew', { run: RUN }, AbortSignal.abort()))).problem).toBe('lost');
  });

  test('that the peer refuses says why', async () => {
    const refuse = () => {
      throw new PeerError('rejected', 'there is no such run');
    };
    const breakDown = () => {
      throw new Error('a bug\u001B[2J');
    };
    const { peer } = stub({ renew: refuse, leave: breakDown });
    const client = await connected(await served({ peer }));
    expect(await problemOf(client.call('renew', { run: RUN }, soon()))).toEqual({
      problem: 'rejected',
      message: 'w1 refused (renew): there is no such run',
    });
    const broken = await problemOf(client.call('leave', { run: RUN }, soon()));
    expect(broken).toEqual({ problem: 'rejected', message: 'w1 refused (leave): a bug\uFFFD[2J' });
  });

  test('that is none never reaches the peer', async () => {
    const { peer, calls } = stub();
    const client = await connected(await served({ peer }));
    expect(await problemOf(client.call('renew', { run: 'x' }, soon()))).toMatchObject({
      problem: 'rejected',
      message: expect.stringContaining('renew.run'),
    });
    expect(calls).toEqual([]);
  });

  test('that is longer than any is not sent', async () => {
    const client = await connected(await served());
    const names = ['x'.repeat(MESSAGE_LIMIT)];
    expect((await problemOf(client.call('facts', { names, plan: {} }, soon()))).problem).toBe('rejected');
  });
});

describe('a peer that lies', () => {
  test.each([
    ['another shape', { receivedMs: 'soon' }],
    ['no answer', null],
    ['a list', [1, 2]],
  ])('%s', async (_name, clock) => {
    const { peer } = stub({ clock: () => clock });
    const client = await connected(await served({ peer }));
    expect((await problemOf(client.call('clock', {}, soon()))).problem).toBe('not-a-peer');
  });

  test('more than any answer', async () => {
    const { peer } = stub({ facts: { facts: { long: 'x'.repeat(MESSAGE_LIMIT + 1) } } });
    const client = await connected(await served({ peer }));
    const { problem, message } = await problemOf(client.call('facts', { names: [], plan: {} }, soon()));
    expect(problem).toBe('not-a-peer');
    expect(message).toContain('longer');
  });
});

describe('another release', () => {
  const meeting = { protocol: 1, version: VERSION, plan: {} };

  test('that asks is told', async () => {
    const { peer, calls } = stub();
    const client = await connected(await served({ peer, version: '9.8.7' }));
    const { problem } = await problemOf(client.call('meet', { ...meeting, protocol: 2 }, soon()));
    expect(problem).toBe('rejected');
    expect(calls).toEqual([]);
  });

  test('that answers is named, with both versions', async () => {
    const { peer } = stub({ meet: { protocol: 7, version: '9.8.7', news: [] } });
    const client = await connected(await served({ peer }));
    const { problem, message } = await problemOf(client.call('meet', meeting, soon()));
    expect(problem).toBe('other-protocol');
    for (const words of ['w1', 'version 7', '9.8.7', 'version 1', VERSION]) expect(message).toContain(words);
  });
});

describe('no channel', () => {
  test('refused', async () => {
    const server = createServer();
    const port = await listenOn(server);
    await new Promise((done) => server.close(done));
    expect(await problemOf(connected(port))).toMatchObject({
      problem: 'refused',
      message: expect.stringMatching(`^w1 .*${port}`),
    });
  });

  test('another token', async () => {
    const port = await served();
    expect((await problemOf(connected(port, { psk: randomBytes(32) }))).problem).toBe('wrong-token');
  });

  test('a name that does not resolve', async () => {
    expect((await problemOf(connected(1, { host: 'none.invalid' }))).problem).toBe('no-address');
  });

  test.each([
    ['speaks first', (socket: Socket) => void socket.write('SSH-2.0-OpenSSH_9.9\r\n')],
    ['hangs up', (socket: Socket) => void socket.destroy()],
    ['says nothing', () => undefined],
    ['answers with noise', (socket: Socket) => void socket.once('data', () => socket.write(randomBytes(500)))],
  ])('a program that %s', async (_name, behaviour) => {
    const port = await other(behaviour);
    expect((await problemOf(connected(port, { timeoutMs: 1_500 }))).problem).toBe('not-a-peer');
  });

  test('a web server', async () => {
    const port = await listenOn(createHttpServer((_request, response) => response.end('no')).unref());
    expect((await problemOf(connected(port))).problem).toBe('not-a-peer');
  });

  test('nobody', async () => {
    const port = await deafPort();
    const silent = await problemOf(connected(port, { timeoutMs: 1_000 }));
    expect(silent).toMatchObject({ problem: 'silent', message: expect.stringContaining(String(port)) });
  });

  test('a run that is over', async () => {
    const port = await served();
    expect((await problemOf(connected(port, { signal: AbortSignal.abort() }))).problem).toBe('silent');
  });
});

/** A port of which the kernel drops every SYN: its program is stopped, and its queue is full. */
async function deafPort(): Promise<number> {
  const script = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () =>
    process.send(server.address().port, () => process.kill(process.pid, 'SIGSTOP')))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const port = await new Promise<number>((done) => child.once('message', (message) => done(Number(message))));
  await vi.waitFor(() => expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toContain(') T '));
  for (let count = 0; count < 4; count++) {
    const filling = connect(port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void filling.destroy());
  }
  await new Promise((turn) => setTimeout(turn, 200));
  return port;
}

describe('of several addresses', () => {
  const resolve = async () => ['127.0.0.9', '127.0.0.1'];

  test('the one that answers is taken', async () => {
    const client = await connected(await served(), { host: 'w1.example', network: { resolve } });
    expect(client.remoteAddress).toBe('127.0.0.1');
  });

  test('the most telling failure is told', async () => {
    const port = await served();
    const failed = connected(port, { host: 'w1.example', network: { resolve }, psk: randomBytes(32) });
    expect((await problemOf(failed)).problem).toBe('wrong-token');
  });
});

test('a peer that is killed in the middle of a call is lost at once', async () => {
  const { child, port } = await controlProcess();
  const client = await connected(port);
  expect(await client.call('clock', {}, soon())).toEqual({ receivedMs: 1, sentMs: 2 });
  const call = problemOf(client.call('renew', { run: RUN }, AbortSignal.timeout(60_000)));
  await new Promise((turn) => setTimeout(turn, 100));
  child.kill('SIGKILL');
  expect((await call).problem).toBe('lost');
  expect((await problemOf(client.call('clock', {}, soon()))).problem).toBe('lost');
});

test('what is closed hangs up on everybody, and calls off what they wait for', async () => {
  const { peer, calls } = stub({ renew: () => new Promise(() => undefined) });
  const ending = new AbortController();
  const client = await connected(await served({ peer, signal: ending.signal }));
  const call = problemOf(client.call('renew', { run: RUN }, AbortSignal.timeout(60_000)));
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  ending.abort();
  expect((await call).problem).toBe('lost');
  await vi.waitFor(() => expect(calls[0]?.signal.aborted).toBe(true));
});
