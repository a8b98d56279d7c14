import { listenUdp, sendUdp } from '../../src/probes/udp.ts';
import { liveSystem } from '../../src/system/live.ts';
import { twoMembers } from '../probes/members.ts';

/** Both ends of UDP probes in one process: `ADDRESS PORT COUNT`. Says what was seen over connected sockets and over one for all, and what arrived. */

const [address = '', port = '', count = ''] = process.argv.slice(2);
const { sender, receiver, received } = twoMembers();
const ports = { first: Number(port), last: Number(port) };
const open = await listenUdp(receiver, address, ports.first);
const saw = [];
for (const connected of [true, false]) {
  const job = {
    to: 'b',
    address,
    ports: [ports],
    count: Number(count),
    dress: Number(count) > 1 ? 'vxlan' : null,
    connected,
  } as const;
  const seen = await sendUdp(sender, liveSystem(), job, { inFlight: 8, silenceMs: 600 }, new AbortController().signal);
  saw.push(...seen.map((each) => each.saw));
}
await open.close();
console.log(JSON.stringify({ saw, arrivals: received.arrivals.rows(0, [{ protocol: 'udp', ports }]) }));
