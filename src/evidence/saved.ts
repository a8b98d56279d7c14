import type * as z from 'zod';
import { machinesOf } from '../values/probe-machines.ts';
import { readingSchema } from './evidence-schema.ts';
import type { FactName, Facts, FactTable } from './facts.ts';
import type { Probed, ProbeReading, ProbeRequest } from './probes.ts';
import type { Reading } from './reading.ts';
import type { SavedDocument, SavedNode } from './saved-file.ts';
import { fromSaved, recorded, toSaved } from './saved-probes.ts';
import { EVIDENCE_SCHEMA } from './schema.ts';
import type { Machine, Source } from './source.ts';
import { unreadProbe } from './unread-probe.ts';

interface Place {
  readonly machine: Machine;
  readonly document: SavedDocument;
  readonly node: SavedNode;
}

/** Machines as they were when their facts were saved. */
export function savedSource(documents: readonly SavedDocument[], facts: FactTable): Source {
  const places = documents.flatMap((document, index) => placesOf(document, keysOf(documents, index), documents));
  const packets = packetsOf(documents, places);
  // Each run measures clocks against one of its own: those of a second one would be held against another.
  const measured = documents.find((document) => hasPackets(document, documents, places)) ?? null;
  const schemas: { [K in FactName]?: z.ZodType<Reading<Facts[K]>> } = {};
  const readings = new Map<Place, Record<string, Reading<unknown>>>();
  const found: Probed[] = [];
  const told: Record<string, Reading<unknown>> = {};

  const readFrom = <K extends FactName>({ document, node }: Place, name: K): Reading<Facts[K]> => {
    const there = facts[name].of === 'cluster' ? (document.cluster ?? {}) : node.facts;
    if (!Object.hasOwn(there, name)) return { unread: 'missing', detail: notIn(document) };
    const schema = schemas[name] ?? readingSchema<Facts[K]>(facts[name].schema());
    Object.assign(schemas, { [name]: schema });
    const parsed = schema.safeParse(there[name]);
    if (parsed.success) return parsed.data;
    return { unread: 'error', detail: `${document.name}: ${name} has not the shape of this fact` };
  };

  const [first, ...others] = documents;
  const said = others.length === 0 ? first?.plan : undefined;
  return {
    machines: places.map(({ machine }) => machine),
    ...(said === undefined ? {} : { said }),
    read: async (machine, name) => {
      const place = places.find((each) => each.machine.key === machine.key);
      if (place === undefined) return { unread: 'missing', detail: `no facts of ${machine.key} were given` };
      const reading = readFrom(place, name);
      if (facts[name].of === 'cluster') told[name] = reading;
      else readings.set(place, { ...readings.get(place), [name]: reading });
      return reading;
    },
    probe: async (requests) => {
      if (packets === null) return null;
      return requests.map((request) => {
        const apart = whyApart(request, documents, places, measured);
        const known = apart === null ? packets(request) : unreadProbe(request, apart);
        if (known === null) return notRecorded(request, places);
        found.push(known);
        return known;
      });
    },
    evidence: () => ({
      schema: EVIDENCE_SCHEMA,
      tool: first?.tool ?? { name: 'seaworthy', version: '' },
      takenAt: first?.takenAt ?? '',
      nodes: places.map((place) => ({ ...place.node, self: place.machine.self, facts: readings.get(place) ?? {} })),
      ...(said === undefined ? {} : { plan: said }),
      ...(first?.cluster === undefined ? {} : { cluster: told }),
      ...(packets === null
        ? {}
        : {
            probes: toSaved(
              found,
              places.map(({ machine }) => machine.key),
            ),
          }),
    }),
  };
}

/** What was recorded between these machines, or between pods of the only one, by request; null where no file has packets. */
function packetsOf(
  documents: readonly SavedDocument[],
  places: readonly Place[],
): ((request: ProbeRequest) => Probed | null) | null {
  const sets = documents.flatMap((document, index) =>
    hasPackets(document, documents, places) ? [fromSaved(document.probes ?? [], keysOf(documents, index))] : [],
  );
  return sets.length === 0 ? null : recorded(sets.flat());
}

/** Of several files those of runs with peers have: what pods of one machine did says nothing beside another one. */
function hasPackets(document: SavedDocument, { length }: readonly SavedDocument[], places: readonly Place[]): boolean {
  return (
    document.probes !== undefined && (length === 1 || places.filter((place) => place.document === document).length > 1)
  );
}

/** Why nothing can have gone between the machines of a request: they stand in files of different runs; null where they do not. */
function whyApart(
  request: ProbeRequest,
  documents: readonly SavedDocument[],
  places: readonly Place[],
  measured: SavedDocument | null,
): Extract<ProbeReading, { unread: unknown }> | null {
  const keys = machinesOf(request);
  const runs = new Set(places.filter(({ machine }) => keys.includes(machine.key)).map(({ document }) => document));
  const [run] = runs;
  if (documents.length === 1 || run === undefined) return null;
  const names = [...runs].map(({ name }) => name).join(' and ');
  const apart = (detail: string) => ({ unread: 'no-peers' as const, machine: keys.at(-1) ?? '', detail });
  if (runs.size > 1) return apart(`No packets went between the nodes of ${names}.`);
  if (!hasPackets(run, documents, places)) return apart(`No packets were sent in the run of ${names}.`);
  return request.kind === 'clock' && run !== measured
    ? apart(`The clocks of ${names} were measured against another one.`)
    : null;
}

function notRecorded(request: ProbeRequest, places: readonly Place[]): Probed {
  const key = machinesOf(request).at(-1) ?? '';
  const place = places.find(({ machine }) => machine.key === key);
  const detail = place === undefined ? `no facts of ${key} were given` : notIn(place.document);
  return unreadProbe(request, { unread: 'undecided', machine: key, detail });
}

function notIn({ name }: SavedDocument): string {
  return `not recorded in ${name}`;
}

/** What the machines of a run with peers were called there, in its one file; else the file's name, which tells clones apart. The same file given twice is two machines all the same. */
function keysOf(documents: readonly SavedDocument[], index: number): string[] {
  const { name = '', nodes = [] } = documents[index] ?? {};
  const then = new Set(nodes.flatMap(({ key }) => key ?? []));
  if (documents.length === 1 && then.size === nodes.length) return [...then];
  const same = documents.slice(0, index).filter((document) => document.name === name).length;
  const key = same === 0 ? name : `${name} #${same + 1}`;
  return nodes.length === 1 ? [key] : nodes.map((_, place) => `${key} node ${place + 1}`);
}

/** Beside other files one speaks for the nodes that were judged there: a peer of several runs would be its own duplicate. */
function placesOf(document: SavedDocument, keys: readonly string[], { length }: readonly SavedDocument[]): Place[] {
  return document.nodes.flatMap((node, index) => {
    const machine = {
      key: keys[index] ?? '',
      self: length === 1 && (node.self || document.nodes.length === 1),
      peer: node.peer ?? false,
      judged: node.judged ?? true,
      // What was said of all nodes counted more than what a peer said of itself.
      said: node.peer === true ? { ...node.plan, ...document.plan } : node.plan,
      ...(node.reachedBy === undefined ? {} : { reachedBy: node.reachedBy }),
      ...(node.unreachable === undefined ? {} : { unreachable: node.unreachable }),
      ...(node.problem === undefined ? {} : { problem: node.problem }),
      ...(node.ssh === undefined ? {} : { ssh: node.ssh }),
    };
    return length > 1 && !machine.judged ? [] : [{ machine, document, node }];
  });
}
