import type { Place, PodWay, PodWayRequest } from '../../evidence/pods.ts';
import type { Probed } from '../../evidence/probes.ts';
import { canonicalIp } from '../../values/ip.ts';
import { podReachReason, type PodVerdict } from './pod-reach-reason.ts';
import type { Happening } from '../reach/reach-story.ts';

export type PodWayProbed = Extract<Probed, { kind: 'pod-way' }>;

/** Packets of one protocol and family from one place to another, judged. It can be told as a story. */
export interface Leg extends Omit<Happening, 'verdict'> {
  readonly request: PodWayRequest;
  readonly podWay: PodWay;
  readonly verdict: PodVerdict;
}

/** Of which nothing was seen, with why. */
export interface UnseenLeg {
  readonly request: PodWayRequest;
  readonly why: string;
}

export function legsOf({ request, reading }: PodWayProbed): (Leg | UnseenLeg)[] {
  if ('unread' in reading) return [{ request, why: reading.detail }];
  const { ways } = reading.value;
  if (ways.length === 0) return [{ request, why: 'the two have no addresses of one family' }];
  return ways.flatMap((way, index) => [legOf(request, way, 'tcp', index > 0), legOf(request, way, 'udp', index > 0)]);
}

function legOf(request: PodWayRequest, podWay: PodWay, protocol: 'tcp' | 'udp', second: boolean): Leg {
  const reach = podWay[protocol];
  const bulk = protocol === 'tcp' ? podWay.bulk : null;
  const verdict = podReachReason(request, podWay, protocol, reach, bulk);
  const { address, family } = podWay;
  const purpose = `${kindOf(request.from)} → ${kindOf(request.to)}`;
  return {
    request,
    podWay,
    verdict,
    reach: { ...reach, sender: { ...reach.sender, address: reach.sender.address ?? podWay.source } },
    ports: reach.ports,
    bulk: verdict.reason === 'stalled' ? bulk : null,
    way: {
      from: placeName(request.from),
      to: placeName(request.to),
      address,
      family,
      second,
      reach: { protocol, purpose, why: WHY[purpose] ?? '' },
    },
  };
}

/** `pod 0 of w1`, or the machine itself. */
export function placeName({ machine, pod }: Place): string {
  return pod === null ? machine : `pod ${pod} of ${machine}`;
}

function kindOf({ pod }: Place): string {
  return pod === null ? 'node' : 'pod';
}

/** What fails without it. */
const WHY: Readonly<Record<string, string>> = {
  'pod → pod': 'Services and DNS then fail for some pods and not for others, while kubectl get nodes says Ready.',
  'node → pod': 'The kubelet’s probes of pods fail then, and pods are restarted or get no traffic.',
  'pod → node': 'Pods then do not reach what listens on their node: an API server, a DNS cache, what collects metrics.',
};

/** Places with one address between them, by that address: whatever is sent to one of them may get to another one. */
export function sharedAddresses(probed: readonly PodWayProbed[]): Map<string, Place[]> {
  const holders = new Map<string, Map<string, Place>>();
  const note = (address: string | null, place: Place) => {
    if (address === null || place.pod === null) return;
    const known = holders.get(canonicalIp(address)) ?? new Map<string, Place>();
    holders.set(canonicalIp(address), known.set(placeName(place), place));
  };
  for (const { request, reading } of probed) {
    if (!('value' in reading)) continue;
    for (const { source, address } of reading.value.ways) {
      note(source, request.from);
      note(address, request.to);
    }
  }
  return new Map(
    [...holders].flatMap(([address, places]) => (places.size > 1 ? [[address, [...places.values()]] as const] : [])),
  );
}
