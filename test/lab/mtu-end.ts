import { liveSystem } from '../../src/system/live.ts';
import { measurePathMtu } from '../../src/probes/path-mtu.ts';
import { listenUdp } from '../../src/probes/udp.ts';
import { twoMembers } from '../probes/members.ts';

/** One end of a path whose MTU is measured, as a process of its own: `listen PORT ADDRESS…`, or `measure PORT ADDRESS CEILING`. */

const [role, port = '', ...rest] = process.argv.slice(2);
const { sender, receiver } = twoMembers(Buffer.alloc(8, 1), Buffer.alloc(32, 2));

if (role === 'listen') {
  for (const address of rest) await listenUdp(receiver, address, Number(port));
  console.log('listening');
} else {
  const [address = '', ceiling] = rest;
  const job = { to: 'b', address, ports: [9, Number(port)], ceiling: Number(ceiling) };
  const { signal } = new AbortController();
  console.log(
    JSON.stringify(await measurePathMtu(sender, liveSystem(), job, { inFlight: 8, silenceMs: 1_500 }, signal)),
  );
}
