import { randomBytes } from 'node:crypto';
import { createLocalPeer } from '../../src/peers/local/local-peer.ts';
import { readKernelCounters } from '../../src/probes/kernel-counters.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { liveSystem } from '../../src/system/live.ts';

// Two machines on one host, in a process of its own: what is seen by them is printed. Arguments: address of both, first NodePort, last NodePort.

const [, , address = '', first = '', last = ''] = process.argv;
const ports = { first: Number(first), last: Number(last) };
const plan = { cni: 'flannel', nodePortRange: ports };
const system = liveSystem();
const signal = AbortSignal.timeout(30_000);
const machine = (key: string) =>
  createLocalPeer({ key, system, plan: { settings: DEFAULTS }, said: {}, version: '0', readFacts: async () => ({}) });
const [a, b] = [machine('a'), machine('b')];

const members = await Promise.all(
  [a, b].map(async (peer) => {
    const { instance } = await peer.call('meet', { protocol: 1, version: '0', plan: {} }, signal);
    return { key: peer.key, instance, addresses: [address] };
  }),
);
const run = randomBytes(8).toString('hex');
const lease = { run, secret: randomBytes(32).toString('base64url'), members, endpoints: [], plan };
for (const peer of [a, b]) await peer.call('enlist', { ...lease, self: peer.key }, signal);

const openings = [
  { protocol: 'tcp' as const, address, ports },
  { protocol: 'udp' as const, address, ports: { first: 8472, last: 8472 } },
];
const { opened } = await b.call('open', { run, openings }, signal);
const before = await readKernelCounters(system);
const tcp = {
  kind: 'tcp' as const,
  to: 'b',
  address,
  ports: [ports],
  greeting: true,
  repeat: 1,
  hold: true,
  bulk: false,
};
const sent = await a.call('send', { run, jobs: [tcp], inFlight: 64, silenceMs: 500 }, signal);
const question = { run, connections: true, from: null, ports: [{ protocol: 'tcp' as const, ports }] };
const sight = await b.call('look', question, signal);
await a.call('release', { run }, signal);
const { limits } = await a.call('meet', { protocol: 1, version: '0', plan: {} }, signal);
await Promise.all([a.closeAll(), b.closeAll()]);
console.log(JSON.stringify({ opened, sent, sight, before, limits }));
