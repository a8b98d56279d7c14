import { readTcpSockets, TCP_SYN_SENT } from '../../facts/parts/socket-table.ts';
import { measurePathMtu } from '../../probes/path-mtu.ts';
import { sendTcp, type TcpJob } from '../../probes/tcp.ts';
import { sendUdp } from '../../probes/udp.ts';
import type { Settings } from '../../plan/settings.ts';
import type { Pace } from '../../probes/ends.ts';
import type { System } from '../../system/system.ts';
import { canonicalIp, isGlobalUnicast, isLoopback, parseIp } from '../../values/ip.ts';
import { isPodPortOf } from '../../values/pod-port.ts';
import { inRange, lengthOf, toRanges, type PortRange } from '../../values/port-range.ts';
import { catalogued } from './admission.ts';
import { watchLag } from './lag.ts';
import { runInLanes } from './lanes.ts';
import type { Lease } from './lease.ts';
import { roomForSockets } from './local-limits.ts';
import type { AnswerOf, Job, JobResult, RequestOf } from '../messages/protocol.ts';

/** There are no more ports than these, however often their ranges are named. */
const MOST_PORTS = 65_535;

/** The machine that sends. */
export interface Sender {
  readonly system: System;
  /** Its own settings. */
  readonly own: Settings;
}

/** Does the jobs of a run: packets go to ports of the catalogue of its members, to the port that it asks of pods and to the endpoints of its lease, and nowhere else. */
export async function send(
  { system, own }: Sender,
  lease: Lease,
  { jobs, inFlight, silenceMs }: RequestOf<'send'>,
  signal: AbortSignal,
): Promise<AnswerOf<'send'>> {
  const room = await roomForSockets(system);
  const most = Math.max(1, Math.min(inFlight, room));
  const lag = watchLag();
  try {
    const results = await runInLanes(jobs, sizeOf, { inFlight: most, silenceMs }, (job, share) => {
      const detail = refusal(job, lease, own);
      if (detail !== null) return Promise.resolve<JobResult>({ kind: 'refused', detail });
      const sockets = Math.max(1, Math.floor((room * share) / most));
      return perform(system, lease, job, { inFlight: share, silenceMs, sockets }, signal);
    });
    const lagMs = lag.take();
    return { results: await withPending(system, jobs, results), lagMs };
  } finally {
    lag.stop();
  }
}

/** Probes that a job would have on the way if nothing held it back. */
function sizeOf(job: Job): number {
  if (job.kind !== 'tcp' && job.kind !== 'udp') return 1;
  const count = countOf(job.ports);
  return Math.max(1, job.kind === 'tcp' ? count * job.repeat : count);
}

function countOf(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, range) => sum + lengthOf(range), 0);
}

function refusal(job: Job, { id, run, endpoints, asked }: Lease, own: Settings): string | null {
  const isOneOf = (addresses: readonly string[]) =>
    addresses.some((each) => canonicalIp(each) === canonicalIp(job.address));
  if (job.kind === 'endpoint') {
    const known = endpoints.filter(({ port }) => port === job.port).map(({ address }) => address);
    return isOneOf(known) ? null : 'it is no endpoint of this run';
  }
  const member = run.members.find(({ key }) => key === job.to);
  if (member === undefined || !isOneOf(member.addresses)) return 'it is no address of a member of this run';
  const ip = parseIp(job.address);
  if (ip === null || !(isGlobalUnicast(ip) || isLoopback(ip))) return 'it is no address that a node could have';
  const ports = job.kind === 'path-mtu' ? toRanges(job.ports) : job.ports;
  if (countOf(ports) > MOST_PORTS) return 'it names more ports than there are';
  const protocol = job.kind === 'tcp' ? 'tcp' : 'udp';
  const isKnown = (range: PortRange) =>
    isPodPortOf(id, range) || catalogued(protocol, range, { asked, own }).every((part) => 'kind' in part);
  return ports.every(isKnown) ? null : 'it names a port that no run needs';
}

async function perform(system: System, lease: Lease, job: Job, pace: Pace, signal: AbortSignal): Promise<JobResult> {
  const { run, held } = lease;
  if (job.kind === 'udp')
    return { kind: 'reach', reaches: [...(await sendUdp(run, system, job, pace, signal))], bulk: null, held: [] };
  if (job.kind === 'path-mtu') return { kind: 'path-mtu', found: await measurePathMtu(run, system, job, pace, signal) };
  const sent = await sendTcp(run, job.kind === 'tcp' ? job : toEndpoint(job), pace, held, signal);
  return { kind: 'reach', reaches: [...sent.reaches], bulk: sent.bulk, held: [...sent.held] };
}

/** Whoever of the members greets is the one behind it: none is expected. */
function toEndpoint({ address, port, behind }: Extract<Job, { kind: 'endpoint' }>): TcpJob {
  const ports = [{ first: port, last: port }];
  return { to: '', address, ports, greeting: true, repeat: 1, hold: false, bulk: false, listenerPort: behind };
}

/** A connect that is still pending need not tell its local port; the kernel's table does. */
async function withPending(system: System, jobs: readonly Job[], results: readonly JobResult[]): Promise<JobResult[]> {
  const silent = results.some(
    (result) => result.kind === 'reach' && result.reaches.some(({ saw }) => saw.outcome === 'silence'),
  );
  if (!silent || !jobs.some((job) => job.kind === 'tcp' && job.hold)) return [...results];
  const pending = Map.groupBy(await readTcpSockets(system, [TCP_SYN_SENT]), ({ remoteAddress }) =>
    canonicalIp(remoteAddress),
  );
  return results.map((result, place) => {
    const job = jobs[place];
    if (result.kind !== 'reach' || job?.kind !== 'tcp' || !job.hold) return result;
    const rows = (pending.get(canonicalIp(job.address)) ?? [])
      .filter(({ remotePort }) => job.ports.some((range) => inRange(range, remotePort)))
      .map(({ port, remotePort }) => ({ port: remotePort, localPort: port }));
    // No two connects to one address have the same local port.
    return {
      ...result,
      held: [...new Map([...result.held, ...rows].map((each) => [`${each.port} ${each.localPort}`, each])).values()],
    };
  });
}
