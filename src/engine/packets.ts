import type { Probed, ProbeRequest } from '../evidence/probes.ts';
import type { ProbeProgress, Source } from '../evidence/source.ts';
import { machinesOf, renameProbed, renameRequest } from '../values/probe-machines.ts';
import type { Participant } from './participant.ts';

/** The packets of a run: what each check asks for is sent together, once all have asked. */
export interface Packets {
  /** To be called exactly once for each check that has `probes`; requests and results name nodes. Null when the source has no packets. */
  ask(requests: readonly ProbeRequest[]): Promise<readonly Probed[] | null>;
  /** Directed pairs of nodes between which packets were seen through to an end, one way or the other. */
  pairsTested(): number;
  /** Packets of pods were. */
  podsTested(): boolean;
}

/** @param checks How many checks will ask. */
export function packetsOf(
  source: Source,
  participants: readonly Participant[],
  checks: number,
  progress: (progress: ProbeProgress) => void,
): Packets {
  const wanted = new Map<string, ProbeRequest>();
  const { promise: sent, resolve } = Promise.withResolvers<ReadonlyMap<string, Probed> | null>();
  const toKey = renaming(participants.map(({ node, machine }) => [node.name, machine.key]));
  const toName = renaming(participants.map(({ node, machine }) => [machine.key, node.name]));
  let waiting = checks;
  const tested = new Set<string>();
  let podsTested = false;

  const send = async () => {
    const requests = [...wanted.values()].map((request) => renameRequest(request, toKey));
    const probed = await source.probe(requests, progress);
    if (probed === null) return null;
    for (const each of probed) if (isDecided(each)) tested.add(machinesOf(each.request).join('\n'));
    podsTested = probed.some(isDecidedOfPods);
    return new Map(
      probed.map((each) => [JSON.stringify(renameRequest(each.request, toName)), renameProbed(each, toName)]),
    );
  };

  return {
    pairsTested: () => tested.size,
    podsTested: () => podsTested,
    ask: async (requests) => {
      for (const request of requests) wanted.set(JSON.stringify(request), request);
      waiting--;
      if (waiting === 0) resolve(send());
      const probed = await sent;
      return probed === null ? null : requests.flatMap((request) => probed.get(JSON.stringify(request)) ?? []);
    },
  };
}

function renaming(pairs: readonly (readonly [string, string])[]): (name: string) => string {
  const names = new Map(pairs);
  return (name) => names.get(name) ?? name;
}

function isDecidedOfPods({ kind, request, reading }: Probed): boolean {
  if (!('value' in reading)) return false;
  if (kind === 'endpoint') return request.pod !== undefined;
  if (kind !== 'pod-way' || !('ways' in reading.value)) return false;
  return reading.value.ways.some(({ tcp, udp }) => tcp.undecided === null || udp.undecided === null);
}

/** Packets went between two machines, and both said what they saw of them. */
function isDecided({ kind, reading }: Probed): boolean {
  if (!('value' in reading)) return false;
  if (kind === 'path-mtu') return 'mtu' in reading.value && reading.value.mtu !== null;
  return 'reaches' in reading.value && reading.value.reaches.some(({ undecided }) => undecided === null);
}
