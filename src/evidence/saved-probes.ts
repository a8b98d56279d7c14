import { renameProbed } from '../values/probe-machines.ts';
import type { Probed, ProbeRequest } from './probes.ts';

/** Packets as they are saved: their machines are named by their places in the list of nodes, since keys hold for one run alone. */
export function toSaved(probed: readonly Probed[], keys: readonly string[]): Probed[] {
  const places = new Map(keys.map((key, place) => [key, String(place)]));
  return probed.map((each) => renameProbed(each, (key) => known(places.get(key), key)));
}

/** Back from the list of nodes to the keys of this run. */
export function fromSaved(saved: readonly Probed[], keys: readonly string[]): Probed[] {
  return saved.map((each) => renameProbed(each, (place) => known(keys[Number(place)], place)));
}

function known(name: string | undefined, machine: string): string {
  if (name === undefined) throw new Error(`${machine} is no machine of the run`);
  return name;
}

/** What was recorded, found again by the request that it came of. */
export function recorded(probed: readonly Probed[]): (request: ProbeRequest) => Probed | null {
  const byRequest = new Map(probed.map((each) => [signature(each.request), each]));
  return (request) => {
    const found = byRequest.get(signature(request));
    return found === undefined ? null : answering(found, request);
  };
}

/** The same for requests that are equal, in whatever order their fields were written. */
function signature(request: ProbeRequest): string {
  return JSON.stringify(request, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** What was found, as the answer to the request that was made now. */
function answering(found: Probed, request: ProbeRequest): Probed | null {
  if (found.kind === 'tcp' && request.kind === 'tcp') return { ...found, request };
  if (found.kind === 'udp' && request.kind === 'udp') return { ...found, request };
  if (found.kind === 'path-mtu' && request.kind === 'path-mtu') return { ...found, request };
  if (found.kind === 'clock' && request.kind === 'clock') return { ...found, request };
  if (found.kind === 'endpoint' && request.kind === 'endpoint') return { ...found, request };
  if (found.kind === 'pods' && request.kind === 'pods') return { ...found, request };
  if (found.kind === 'pod-way' && request.kind === 'pod-way') return { ...found, request };
  return null;
}
