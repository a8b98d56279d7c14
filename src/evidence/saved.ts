import type * as z from 'zod';
import { machinesOf } from '../values/probe-machines.ts';
import { readingSchema } from './evidence-schema.ts';
import type { FactName, Facts, FactTable } from './facts.ts';
import type { Probed, ProbeRequest } from './probes.ts';
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
        const known = packets(request);
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
  const sets = documents.flatMap((document, index) => {
    // Of several files those of runs with peers: what pods of one machine did says nothing beside another one.
    const several = documents.length === 1 || places.filter((place) => place.document === document).length > 1;
    return document.probes === undefined || !several ? [] : [fromSaved(document.probes, keysOf(documents, index))];
  });
  return sets.length === 0 ? null : recorded(sets.flat());
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
