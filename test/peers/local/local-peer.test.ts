import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import listeners from '../../../src/facts/listeners.ts';
import { readSocketsNow } from '../../../src/facts/parts/socket-table.ts';
import { createLocalPeer } from '../../../src/peers/local/local-peer.ts';
import { MESSAGES, type Job, type Opening } from '../../../src/peers/messages/protocol.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { liveSystem } from '../../../src/system/live.ts';
import { enlist, localMachine, opening, somePorts, unreadable, withTraces, type LocalMachine } from '../local.ts';

const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
const VERSION = { protocol: 1, version: '0.0.0-test', plan: {} };

/** Ports of this machine's address that are open, whoever holds them. */
/** Ask until it is so: a child that another test of this process is just starting has our sockets until it is another program. */
async function openOn({ address }: LocalMachine): Promise<string[]> {
  const rows = await readSocketsNow(liveSystem());
  return rows
    .filter((row) => row.address === address && (row.protocol === 'udp' || row.state === 10))
    .map(({ protocol, port }) => `${protocol}/${port}`)
    .sort();
}

const one = (port: number) => ({ first: port, last: port });
const listenersOf = (opened: readonly { listener: string }[]) => opened.map(({ listener }) => listener);

test('of what a coordinator says only what describes the cluster is taken', async () => {
  const taken: unknown[] = [];
  const peer = createLocalPeer({
    key: 'a',
    system: withTraces(() => []),
    plan: { settings: DEFAULTS },
    said: {},
    version: '0.0.0-test',
    readFacts: async (_names, plan) => {
      taken.push(plan);
      return {};
    },
  });
  onTestFinished(() => peer.closeAll());
  const cluster = {
    kubernetesVersion: '1.36',
    cni: 'flannel',
    podCidr: ['10.244.0.0/16'],
    serviceCidr: ['10.96.0.0/12'],
    nodePortRange: { first: 30_000, last: 30_001 },
    apiServerPort: 8443,
    etcd: 'external',
    proxyMode: 'ipvs',
    controlPlaneEndpoint: 'api.example.org:6443',
  } as const;
  const plan = {
    ...cluster,
    podCidr: [...cluster.podCidr],
    serviceCidr: [...cluster.serviceCidr],
    role: ['control-plane'],
    roleOrigin: 'kubeadm configuration',
    stage: 'joined',
    cniConfDir: '/root',
    cniBinDir: '/root',
    criSocket: '/run/docker.sock',
    nodeIp: ['192.0.2.1'],
    nodeName: 'other',
    advertiseAddress: '192.0.2.1',
    externalEtcd: { endpoints: ['https://192.0.2.1:2379'], caFile: '/etc/shadow', certFile: null, keyFile: null },
    etcdDataDir: '/root',
    kubeletConfiguration: { failSwapOn: null, cgroupDriver: null, failCgroupV1: null, resolvConf: '/etc/shadow' },
    join: {
      endpoint: '192.0.2.1:6443',
      token: null,
      caCertHashes: [],
      unsafeSkipCaVerification: false,
      controlPlane: false,
    },
  } as const;
  const request = MESSAGES.facts.request.parse({ names: ['hostname'], plan });
  expect(request.plan).toEqual(plan);
  await peer.call('facts', request, AbortSignal.timeout(20_000));
  expect(taken).toEqual([cluster]);
});

test('two machines: what is opened is reached, recorded, and closed', async () => {
  const [a, b] = [localMachine('a'), localMachine('b')];
  const ports = somePorts(40);
  const plan = { nodePortRange: ports };
  const { run } = await enlist([a, b], plan);
  const openings = [opening(b, 'tcp', ports), opening(b, 'udp', ports)];
  const { opened } = await b.call('open', { run, openings });
  expect(opened).toEqual(openings.map((each) => ({ ...each, listener: 'ours', detail: null })));

  const tcp: Job = {
    kind: 'tcp',
    to: 'b',
    address: b.address,
    ports: [ports],
    greeting: true,
    repeat: 1,
    hold: true,
    bulk: true,
  };
  const udp: Job = {
    kind: 'udp',
    to: 'b',
    address: b.address,
    ports: [ports],
    count: 1,
    dress: null,
    connected: false,
  };
  const mtu: Job = { kind: 'path-mtu', to: 'b', address: b.address, ports: [ports.first], ceiling: 1_500 };
  const { results } = MESSAGES.send.answer.parse(
    await a.call('send', { run, jobs: [tcp, udp, mtu], inFlight: 64, silenceMs: 1_500 }),
  );
  expect(results).toMatchObject([
    {
      kind: 'reach',
      reaches: [{ ports, saw: { outcome: 'answered', answeredBy: 'b' } }],
      bulk: { stalled: false, returned: 200_000 },
    },
    { kind: 'reach', reaches: [{ ports, saw: { outcome: 'answered', answeredBy: 'b' } }] },
    { kind: 'path-mtu', found: { mtu: 1_500, beyond: 'none-tried' } },
  ]);

  const question = [{ protocol: 'tcp', ports } as const, { protocol: 'udp', ports } as const];
  const sight = MESSAGES.look.answer.parse(
    await b.call('look', { run, connections: true, from: null, ports: question }),
  );
  const ofTcp = sight.arrivals.filter(({ protocol }) => protocol === 'tcp');
  expect(ofTcp.at(-1)).toMatchObject({ from: 'a', ports: { last: ports.last }, arrived: 1, answered: 1 });
  expect(sight.arrivals.find(({ protocol }) => protocol === 'udp')).toMatchObject({ from: 'a', answered: 1 });
  expect(sight.open).toHaveLength(2);
  expect(sight.open).toEqual(expect.arrayContaining(openings));
  const nobody = await b.call('look', { run, from: 'nobody', ports: question, connections: false });
  expect(nobody.arrivals).toEqual([]);

  await b.call('shut', { run, openings: [opening(b, 'tcp', ports)] });
  await expect.poll(() => openOn(b)).toHaveLength(40);
  await b.call('leave', { run });
  await expect.poll(() => openOn(b)).toEqual([]);
  await expect(b.call('look', { run, from: null, ports: [], connections: true })).rejects.toMatchObject({
    problem: 'rejected',
  });
});

test('who is there, and what it has room for', async () => {
  const welcome = MESSAGES.meet.answer.parse(await localMachine('a').call('meet', VERSION));
  expect(welcome).toMatchObject({ protocol: 1, said: { role: ['worker'] } });
  expect(welcome.addresses).toContain('127.0.0.1');
  expect(welcome.limits.sockets).toBeGreaterThan(100);
  const { receivedMs, sentMs } = await localMachine('a').call('clock', {});
  expect(sentMs).toBeGreaterThanOrEqual(receivedMs);
  expect(await localMachine('a').call('facts', { names: ['hostname'], plan: {} })).toEqual({
    facts: { hostname: 'read' },
  });
});

test('a lease lapses when nobody renews it, and what was held for it is gone', async () => {
  const leaseMs = 1_000;
  const [a, b] = [localMachine('a', { leaseMs }), localMachine('b', { leaseMs: 60_000 })];
  const ports = somePorts(3);
  const { run } = await enlist([a, b], { nodePortRange: ports });
  await a.call('open', { run, openings: [opening(a, 'tcp', ports)] });
  for (let passed = 0; passed < 2 * leaseMs; passed += leaseMs / 4) {
    await sleep(leaseMs / 4);
    await a.call('renew', { run });
  }
  await expect.poll(() => openOn(a)).toHaveLength(3);
  await expect.poll(() => openOn(a), { timeout: 10_000 }).toEqual([]);
  await expect(a.call('renew', { run })).rejects.toMatchObject({ problem: 'rejected' });
  await b.call('renew', { run });
});

test('two runs share listeners, which stay open for as long as one of them needs them', async () => {
  const [a, b] = [localMachine('a'), localMachine('b')];
  const ports = somePorts(5);
  const plan = { nodePortRange: ports };
  const request = { openings: [opening(b, 'udp', ports), opening(b, 'tcp', ports)] };
  const [one_, two] = [await enlist([a, b], plan), await enlist([a, b], plan)];
  const both = await Promise.all([one_, two].map(({ run }) => b.call('open', { run, ...request })));
  expect(both.flatMap(({ opened }) => listenersOf(opened))).toEqual(['ours', 'ours', 'ours', 'ours']);
  await expect.poll(() => openOn(b)).toHaveLength(10);
  await b.call('leave', { run: one_.run });
  await expect.poll(() => openOn(b)).toHaveLength(10);
  const job: Job = {
    kind: 'udp',
    to: 'b',
    address: b.address,
    ports: [ports],
    count: 1,
    dress: null,
    connected: false,
  };
  const send = { jobs: [job], inFlight: 8, silenceMs: 1_500 };
  expect((await a.call('send', { run: two.run, ...send })).results).toMatchObject([
    { reaches: [{ saw: { outcome: 'answered' } }] },
  ]);
  expect((await a.call('send', { run: one_.run, ...send, silenceMs: 200 })).results).toMatchObject([
    { reaches: [{ saw: { outcome: 'silence' } }] },
  ]);
  // Closed and opened again at the same time.
  const [, again] = await Promise.all([
    b.call('leave', { run: two.run }),
    enlist([a, b], plan).then(({ run }) => b.call('open', { run, ...request })),
  ]);
  expect(listenersOf(again.opened)).toEqual(['ours', 'ours']);
});

test('what is open for one run is in the way of no other: facts leave it out', async () => {
  const a = localMachine('a');
  const ports = somePorts(2);
  const { run } = await enlist([a], { nodePortRange: ports });
  await a.call('open', { run, openings: [opening(a, 'tcp', ports)] });
  await somebodyOn(a.address, ports.last + 1);
  const { sockets } = await listeners.read(liveSystem(), { plan: DEFAULTS, signal: AbortSignal.timeout(10_000) });
  expect(sockets.filter(({ address }) => address === a.address).map(({ port }) => port)).toEqual([
    ports.last + 1,
    ports.last + 1,
  ]);
});

test('what is outside the catalogue or on another’s address is not opened, however much is asked', async () => {
  const a = localMachine('a');
  const { run } = await enlist([a], { nodePortRange: { first: 50_000, last: 50_001 } });
  const outside = Array.from({ length: 4_096 }, (_, index): Opening =>
    opening(a, index % 2 === 0 ? 'tcp' : 'udp', { first: 1 + index, last: 5_000 + index }),
  );
  const { opened } = await a.call('open', { run, openings: outside });
  const ours = opened.filter(({ listener }) => listener !== 'unavailable');
  expect(ours.every(({ protocol, ports }) => protocol === 'tcp' && [2379, 2380, 6443].includes(ports.first))).toBe(
    true,
  );
  await a.call('shut', { run, openings: outside });
  const addresses = ['0.0.0.0', '::', '127.0.0.1', '192.0.2.1', 'localhost', '::ffff:0.0.0.0'];
  const elsewhere = await a.call('open', {
    run,
    openings: addresses.map((address) => ({ protocol: 'tcp', address, ports: one(30_123) })),
  });
  expect(new Set(listenersOf(elsewhere.opened))).toEqual(new Set(['unavailable']));
  await expect.poll(() => openOn(a)).toEqual([]);
  const all = await enlist([a], { nodePortRange: { first: 1, last: 65_535 } });
  const openings = Array.from({ length: 4_096 }, () => opening(a, 'tcp', { first: 1, last: 65_535 }));
  await expect(a.call('open', { run: all.run, openings })).rejects.toMatchObject({
    problem: 'rejected',
    message: expect.stringContaining('more than may be opened'),
  });
  await expect.poll(() => openOn(a)).toEqual([]);
});

test('more sockets than this process may have are said to be unavailable', async () => {
  const limits = (text: string) => ({
    readText: async (path: string, limit?: number) =>
      path === '/proc/self/limits' ? text : liveSystem().readText(path, limit),
  });
  const open = (await liveSystem().list('/proc/self/fd')).length;
  const system = withTraces(() => [], limits(`Max open files            ${open + 96 + 40}   1048576   files\n`));
  const a = localMachine('a', { system });
  const ports = somePorts(200);
  const { run } = await enlist([a], { nodePortRange: ports });
  const { limits: told } = await a.call('meet', VERSION);
  expect(told.sockets).toBeLessThanOrEqual(60);
  const { opened } = await a.call('open', {
    run,
    openings: [opening(a, 'tcp', ports)],
  });
  expect(opened).toMatchObject([
    { listener: 'ours', ports: { first: ports.first } },
    { listener: 'unavailable', ports: { last: ports.last }, detail: 'EMFILE: this process may have no more sockets' },
  ]);
});

const LISTENER = `
const [address, port, ipv6Only] = process.argv.slice(1);
const server = require('node:net').createServer();
server.listen({ host: address, port: Number(port), ipv6Only: ipv6Only === 'true' }, () =>
  require('node:dgram').createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', ipv6Only: ipv6Only === 'true' }).bind(Number(port), address, () => console.log('listening')));
`;

/** Another process that listens on TCP and UDP. */
async function somebodyOn(address: string, port: number, ipv6Only = false): Promise<string> {
  const child = spawn(process.execPath, ['-e', LISTENER, address, String(port), String(ipv6Only)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return `${basename(process.execPath)} (pid ${child.pid})`;
}

test('a port in use is left alone, and its owner is named', async () => {
  const a = localMachine('a');
  const ports = somePorts(4);
  const plan = { nodePortRange: ports };
  const { first } = ports;
  const owners = [
    await somebodyOn(a.address, first),
    await somebodyOn('0.0.0.0', first + 1),
    await somebodyOn('::', first + 2),
  ];
  await somebodyOn('::', first + 3, true);
  const { run } = await enlist([a], plan);
  for (const protocol of ['tcp', 'udp'] as const) {
    const { opened } = await a.call('open', { run, openings: [opening(a, protocol, ports)] });
    expect(opened.map(({ ports: range, listener, detail }) => [range.first - first, listener, detail])).toEqual([
      [0, 'owner', owners[0]],
      [1, 'owner', owners[1]],
      [2, 'owner', owners[2]],
      [3, 'ours', null],
    ]);
  }
});

test('a connection that has the port makes it unavailable', async () => {
  const a = localMachine('a');
  const ports = somePorts(1);
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  await new Promise<void>((done) => socket.bind(ports.first, a.address, done));
  await new Promise<void>((done) => socket.connect(9, '127.0.0.1', done));
  const { run } = await enlist([a], { nodePortRange: ports });
  const { opened } = await a.call('open', { run, openings: [opening(a, 'udp', ports)] });
  expect(opened).toMatchObject([{ listener: 'unavailable', detail: expect.stringContaining('EADDRINUSE') }]);
});

test('on a node that has joined no port of a component is opened, and its owner is found', async () => {
  const a = localMachine('a', { system: withTraces(() => [KUBELET_CONF]) });
  const [free, taken] = [somePorts(1).first, somePorts(1).first];
  const owner = await somebodyOn(a.address, taken);
  const ask = async (apiServerPort: number) => {
    const { run } = await enlist([a], { apiServerPort });
    return a.call('open', { run, openings: [opening(a, 'tcp', one(apiServerPort))] });
  };
  expect((await ask(free)).opened).toMatchObject([
    { listener: 'none', detail: expect.stringContaining('node of a cluster') },
  ]);
  expect((await ask(taken)).opened).toMatchObject([{ listener: 'owner', detail: owner }]);
  await expect.poll(() => openOn(a)).toEqual([`tcp/${taken}`, `udp/${taken}`]);
});

test.each([
  ['a join was begun', () => withTraces(() => ['/etc/kubernetes/bootstrap-kubelet.conf']), 'a join is under way'],
  [
    'it cannot be looked',
    () => withTraces(() => [], { status: async (path) => Promise.reject(unreadable(path)) }),
    'it cannot be told',
  ],
])('nor where %s', async (_, system, why) => {
  const a = localMachine('a', { system: system() });
  const { first: apiServerPort } = somePorts(1);
  const { run } = await enlist([a], { apiServerPort });
  const { opened } = await a.call('open', { run, openings: [opening(a, 'tcp', one(apiServerPort))] });
  expect(opened).toMatchObject([{ listener: 'none', detail: expect.stringContaining(why) }]);
});

test('nor where the user says that it has joined', async () => {
  const a = localMachine('a', { settings: { stage: 'joined' } });
  const { first: apiServerPort } = somePorts(1);
  const { run } = await enlist([a], { apiServerPort });
  const { opened } = await a.call('open', { run, openings: [opening(a, 'tcp', one(apiServerPort))] });
  expect(opened).toMatchObject([{ listener: 'none' }]);
});

test('a machine that joins while it listens gets its components’ ports back, and keeps NodePorts', async () => {
  const traces: string[] = [];
  const a = localMachine('a', { system: withTraces(() => traces) });
  const { first: apiServerPort, last } = somePorts(2);
  const { run } = await enlist([a], { apiServerPort, nodePortRange: one(last) });
  await a.call('open', { run, openings: [opening(a, 'tcp', { first: apiServerPort, last })] });
  await a.call('renew', { run });
  await expect.poll(() => openOn(a)).toEqual([`tcp/${apiServerPort}`, `tcp/${last}`]);
  traces.push('/etc/kubernetes/bootstrap-kubelet.conf');
  await a.call('renew', { run });
  await expect.poll(() => openOn(a)).toEqual([`tcp/${last}`]);
  const sight = await a.call('look', { run, from: null, ports: [], connections: true });
  expect(sight.open).toEqual([opening(a, 'tcp', one(last))]);
});

test('NodePorts of a node that has joined: those of Services are told, others are opened', async () => {
  const ports = somePorts(3);
  const rules = `# Generated by iptables-nft-save v1.8.9 (nf_tables)\n*nat\n-A KUBE-NODEPORTS -p tcp -m comment --comment "default/web:http" -m tcp --dport ${ports.first + 1} -j KUBE-EXT-A\n`;
  const ended = (stdout: string) => ({ exitCode: 0, killedBy: null, stdout, stderr: '' });
  const programs = {
    find: async (name: string) => name,
    run: async (_path: string, args: readonly string[]) =>
      ended(args.includes('tables') ? JSON.stringify({ nftables: [{ table: { family: 'ip', name: 'nat' } }] }) : rules),
  };
  const live = liveSystem();
  const shown = {
    privileged: true,
    readTextIfThere: async (path: string, limit?: number) =>
      path.endsWith('_tables_names') ? null : live.readTextIfThere(path, limit),
  };
  const traces = () => [KUBELET_CONF, '/sys/module/nf_tables'];
  const a = localMachine('a', { system: withTraces(traces, { ...shown, programs }) });
  const plan = { nodePortRange: ports };
  const { run } = await enlist([a], plan);
  expect(
    (await a.call('open', { run, openings: [opening(a, 'tcp', ports)] })).opened.map(({ listener, detail }) => [
      listener,
      detail,
    ]),
  ).toEqual([
    ['ours', null],
    ['service', 'default/web:http'],
    ['ours', null],
  ]);

  const blind = localMachine('blind', { system: withTraces(traces, { ...shown, privileged: false }) });
  const other = await enlist([blind], plan);
  const { opened } = await blind.call('open', {
    run: other.run,
    openings: [opening(blind, 'tcp', ports)],
  });
  expect(opened).toMatchObject([
    { ports, listener: 'unavailable', detail: expect.stringContaining('only root may list rules') },
  ]);
  await expect.poll(() => openOn(blind)).toEqual([]);
});

test('packets go to ports that the run may need of its members, and to its endpoints alone', async () => {
  const [a, b] = [localMachine('a'), localMachine('b')];
  let connects = 0;
  const stranger = createServer((socket) => void (connects++, socket.destroy())).listen(0, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  await once(stranger, 'listening');
  const { port } = addressOf(stranger);
  const { first: held } = somePorts(1);
  const { run } = await enlist([a, b], { apiServerPort: held }, [{ address: b.address, port: held }]);
  await b.call('open', { run, openings: [opening(b, 'tcp', one(held))] });
  const tcp = { kind: 'tcp' as const, ports: [one(port)], greeting: true, repeat: 1, hold: false, bulk: false };
  const { results } = await a.call('send', {
    run,
    inFlight: 8,
    silenceMs: 500,
    jobs: [
      { ...tcp, to: 'b', address: '127.0.0.1' },
      { ...tcp, to: 'nobody', address: b.address },
      { kind: 'udp', to: 'b', address: '127.0.0.1', ports: [one(port)], count: 1, dress: null, connected: true },
      { kind: 'path-mtu', to: 'a', address: b.address, ports: [port], ceiling: 1_500 },
      { kind: 'endpoint', address: '127.0.0.1', port, behind: port },
      { kind: 'endpoint', address: b.address, port, behind: port },
      { ...tcp, to: 'b', address: b.address, ports: [one(1), { first: 1, last: 65_535 }] },
      { ...tcp, to: 'b', address: b.address, ports: [one(22)] },
      { ...tcp, to: 'b', address: b.address, ports: [one(10_257)] },
      { kind: 'udp', to: 'b', address: b.address, ports: [one(53)], count: 1, dress: null, connected: true },
      { kind: 'path-mtu', to: 'b', address: b.address, ports: [53], ceiling: 1_500 },
      { kind: 'endpoint', address: b.address, port: held, behind: held },
    ],
  });
  expect(results.slice(0, -1).map(({ kind }) => kind)).toEqual(Array.from({ length: 11 }, () => 'refused'));
  expect(results.at(-1)).toMatchObject({ kind: 'reach', reaches: [{ saw: { outcome: 'answered', answeredBy: 'b' } }] });
  expect(connects).toBe(0);
});

function addressOf(server: { address(): AddressInfo | string | null }): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return address;
}

test('what is held is told with its local port, and let go on release and when the run is left', async () => {
  const [a, b] = [localMachine('a'), localMachine('b')];
  const connected = new Set<number>();
  const mute = createServer((socket) => {
    const { remotePort = 0 } = socket;
    connected.add(remotePort);
    socket
      .on('error', () => undefined)
      .on('close', () => connected.delete(remotePort))
      .resume();
  }).listen(0, b.address);
  onTestFinished(() => void mute.close());
  await once(mute, 'listening');
  const { port } = addressOf(mute);
  const { run } = await enlist([a, b], { nodePortRange: one(port) });
  const job: Job = {
    kind: 'tcp',
    to: 'b',
    address: b.address,
    ports: [one(port)],
    greeting: true,
    repeat: 2,
    hold: true,
    bulk: false,
  };
  const send = { run, jobs: [job], inFlight: 8, silenceMs: 300 };
  for (const message of ['release', 'leave'] as const) {
    const { results } = await a.call('send', send);
    expect(connected.size).toBe(2);
    const held = results.flatMap((result) => (result.kind === 'reach' ? result.held : []));
    expect(new Set(held.map(({ localPort }) => localPort))).toEqual(connected);
    expect(held).toHaveLength(2);
    await a.call(message, { run });
    await expect.poll(() => connected.size).toBe(0);
  }
});

test('sending ends with its lease, and with whoever asked', async () => {
  const [a, b] = [localMachine('a'), localMachine('b')];
  const { first } = somePorts(1);
  const { run } = await enlist([a, b], { nodePortRange: one(first) });
  const silent = createSocket('udp4');
  onTestFinished(() => void silent.close());
  await new Promise<void>((done) => silent.bind(first, b.address, done));
  const job: Job = {
    kind: 'udp',
    to: 'b',
    address: b.address,
    ports: [one(first)],
    count: 1,
    dress: null,
    connected: false,
  };
  const request = { run, jobs: [job], inFlight: 1, silenceMs: 60_000 };
  const givenUp = new AbortController();
  const sending = [a.call('send', request), a.peer.call('send', request, givenUp.signal)];
  const ended = Promise.allSettled(sending);
  await sleep(100);
  givenUp.abort();
  await a.call('leave', { run });
  expect(await ended).toMatchObject([
    { status: 'rejected', reason: { name: 'PeerError', problem: 'rejected' } },
    { status: 'rejected', reason: { name: 'PeerError', problem: 'silent' } },
  ]);
});

test('a run that exists keeps its secret, takes new members, and is one of a handful', async () => {
  const a = localMachine('a');
  const ports = somePorts(1);
  const plan = { nodePortRange: ports };
  const first = await enlist([a], plan);
  const request = { ...first, self: 'a', endpoints: [], plan };
  await expect(a.call('enlist', { ...request, secret: Buffer.alloc(32).toString('base64url') })).rejects.toMatchObject({
    problem: 'rejected',
  });
  await expect(a.call('enlist', { ...request, self: 'b' })).rejects.toMatchObject({ problem: 'rejected' });
  const stranger = { key: 'a', instance: Buffer.alloc(32).toString('base64url'), addresses: [a.address] };
  await expect(a.call('enlist', { ...request, run: '0'.repeat(16), members: [stranger] })).rejects.toMatchObject({
    problem: 'rejected',
  });

  const b = localMachine('b');
  const { instance } = await b.call('meet', VERSION);
  const members = [...first.members, { key: 'b', instance, addresses: [b.address] }];
  await a.call('enlist', { ...request, members });
  await b.call('enlist', { ...request, self: 'b', members });
  await b.call('open', { run: first.run, openings: [opening(b, 'tcp', ports)] });
  const job: Job = {
    kind: 'tcp',
    to: 'b',
    address: b.address,
    ports: [ports],
    greeting: true,
    repeat: 1,
    hold: false,
    bulk: false,
  };
  const { results } = await a.call('send', { run: first.run, jobs: [job], inFlight: 1, silenceMs: 1_500 });
  expect(results).toMatchObject([{ reaches: [{ saw: { answeredBy: 'b' } }] }]);

  for (let runs = 1; runs < 16; runs++) await enlist([a]);
  await expect(enlist([a])).rejects.toMatchObject({ problem: 'rejected', message: expect.stringContaining('16 runs') });
});

test('a message of a run that does not take place here is rejected, and leaving twice is not', async () => {
  const a = localMachine('a');
  const run = 'f'.repeat(16);
  const calls = [
    a.call('renew', { run }),
    a.call('open', { run, openings: [] }),
    a.call('send', { run, jobs: [], inFlight: 1, silenceMs: 100 }),
    a.call('look', { run, from: null, ports: [], connections: true }),
    a.call('shut', { run, openings: [] }),
    a.call('release', { run }),
  ];
  for (const outcome of await Promise.allSettled(calls))
    expect(outcome).toMatchObject({ status: 'rejected', reason: { problem: 'rejected' } });
  await a.call('leave', { run });
});

test('closed, it holds nothing', async () => {
  const a = localMachine('a');
  const ports = somePorts(20);
  const { run } = await enlist([a], { nodePortRange: ports });
  await a.call('open', {
    run,
    openings: [opening(a, 'tcp', ports), opening(a, 'udp', ports)],
  });
  await a.peer.closeAll();
  await expect.poll(() => openOn(a)).toEqual([]);
  await expect(a.call('renew', { run })).rejects.toMatchObject({ problem: 'rejected' });
});

test('ports that are being closed are ours for the next run too', async () => {
  const [a, b] = [localMachine('a'), localMachine('b')];
  const ports = somePorts(1_000);
  const plan = { nodePortRange: ports };
  const request = { openings: [opening(b, 'tcp', ports)] };
  const before = await enlist([a, b], plan);
  await b.call('open', { run: before.run, ...request });
  await b.call('leave', { run: before.run });
  const { run } = await enlist([a, b], plan);
  const { opened } = await b.call('open', { run, ...request });
  expect(opened).toMatchObject([{ ports, listener: 'ours' }]);
  await expect.poll(() => openOn(b)).toHaveLength(1_000);
});
