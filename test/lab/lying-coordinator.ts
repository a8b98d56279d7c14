import { connectPeer } from '../../src/peers/control/control-client.ts';
import type { MessageName, Opening, RequestOf } from '../../src/peers/messages/protocol.ts';
import { PROTOCOL } from '../../src/peers/messages/protocol.ts';
import { readTokenFile } from '../../src/peers/token-file.ts';
import { controlKey } from '../../src/peers/token.ts';
import { liveSystem } from '../../src/system/live.ts';
import { podPortOf } from '../../src/values/pod-port.ts';

/**
 * Who holds the token and asks a peer for what no run needs: `PEER OWN TOKEN_FILE STRANGER`, addresses all but the third. Prints what came of each, and
 * ends without a farewell.
 */

const [host = '', own = '', tokenFile = '', stranger = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const { network } = liveSystem();
const psk = controlKey(await readTokenFile(liveSystem(), tokenFile));
const peer = await connectPeer({
  key: 'peer',
  host,
  port: 10_777,
  psk,
  timeoutMs: 5_000,
  signal,
  version: '',
  network,
});
const welcome = await peer.call('meet', { protocol: PROTOCOL, version: '', plan: {} }, signal);
const run = '0123456789abcdef';
const secret = Buffer.alloc(32, 7).toString('base64url');
const members = [
  { key: 'own', instance: secret, addresses: [own] },
  { key: 'peer', instance: welcome.instance, addresses: [host, '127.0.0.1'] },
  // Somebody who takes no part.
  { key: 'third', instance: secret, addresses: [stranger, '224.0.0.1'] },
];
const ports = (first: number, last = first) => ({ first, last });
const enlist = (plan: RequestOf<'enlist'>['plan']) =>
  peer.call('enlist', { run, secret, self: 'peer', members, endpoints: [], plan }, signal);
await enlist({ nodePortRange: ports(1, 1_023) });

const said = async <M extends MessageName>(message: M, request: RequestOf<M>) => {
  try {
    return await peer.call(message, request, signal);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};
const open = (...openings: Opening[]) => said('open', { run, openings });
/** How many ports are ours, and how many are refused. */
const summary = (answer: Awaited<ReturnType<typeof open>>) =>
  'error' in answer
    ? answer
    : Object.fromEntries(
        Array.from(
          Map.groupBy(answer.opened, ({ listener }) => listener),
          ([listener, all]) => [listener, all.length],
        ),
      );
const job = { kind: 'tcp', greeting: false, repeat: 1, hold: false, bulk: false } as const;
const send = (to: string, address: string, port: number) =>
  said('send', { run, inFlight: 8, silenceMs: 500, jobs: [{ ...job, to, address, ports: [ports(port)] }] });
const tcp = { protocol: 'tcp', address: host } as const;

const lowNodePorts = await open({ ...tcp, ports: ports(1, 1_023) });
await enlist({});

console.log(
  JSON.stringify({
    lowNodePorts,
    port22: await open({ ...tcp, ports: ports(22) }),
    loopbackComponent: await open({ ...tcp, ports: ports(10_248) }),
    wildcard: await open({ ...tcp, address: '0.0.0.0', ports: ports(10_250) }),
    foreign: await open({ ...tcp, address: stranger, ports: ports(10_250) }),
    many: summary(
      await open(...Array.from({ length: 4_096 }, (_, index) => ({ ...tcp, ports: ports(6_443 + index) }))),
    ),
    tooMany: await open(...Array.from({ length: 5_000 }, (_, index) => ({ ...tcp, ports: ports(6_443 + index) }))),
    toStranger: await send('peer', stranger, 6_443),
    toNobody: await send('nobody', stranger, 6_443),
    toOutside: await send('third', stranger, 22),
    toLoopbackComponent: await send('third', stranger, 10_257),
    // Another run might ask it of pods.
    toOtherPodPort: await send('third', stranger, podPortOf(run) === 23_000 ? 23_001 : 23_000),
    toGroup: await send('third', '224.0.0.1', 6_443),
    endpoint: await said('send', {
      run,
      inFlight: 8,
      silenceMs: 500,
      jobs: [{ kind: 'endpoint', address: stranger, port: 22, behind: 6_443 }],
    }),
    otherRun: await said('look', { run: 'fedcba9876543210', from: null, ports: [], connections: true }),
  }),
);
peer.close();
