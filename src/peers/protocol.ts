import * as z from 'zod';
import { savedPlanSchema } from '../plan/saved-plan-schema.ts';
import { podsSchema } from './pods-schema.ts';
import { bulkSchema, countedSchema, pathMtuSchema, senderSchema } from '../probes/schemas.ts';

/** Two releases that do not speak the same version say so, and nothing else. */
export const PROTOCOL = 1;

/** A lease that is not renewed for so long has lapsed: everything that was opened for it is closed. Milliseconds. */
export const LEASE_MS = 15_000;

/** What a coordinator that takes part calls its own machine, where it calls the others as its user named them. */
export const COORDINATOR_KEY = 'self';

/** A longer message is refused before it is parsed. Bytes. */
export const MESSAGE_LIMIT = 8 * 1024 * 1024;

const port = z.int().min(1).max(65_535);
const ports = z.object({ first: port, last: port }).refine(({ first, last }) => first <= last, 'it is reversed');
const address = z.string().max(64);
const key = z.string().max(300);
const run = z.string().regex(/^[0-9a-f]{16}$/);
const secret = z.string().regex(/^[\w-]{43}$/);
const protocol = z.enum(['tcp', 'udp']);
const empty = z.object({});
// Long ones are made when they are needed: a pod, and most runs, never ask for them.
const plan = z.lazy(savedPlanSchema);
const pods = z.lazy(podsSchema);

/** A port of this machine that the run needs open. */
const opening = z.object({ protocol, address, ports });

/** A machine of the run. */
const member = z.object({
  key,
  /** What its listeners prove themselves with, base64url: made anew by each process. */
  instance: secret,
  addresses: z.array(address).max(64),
});

const lease = z.object({
  run,
  /** What requests and answers of this run are sealed with, base64url. */
  secret,
  /** Which of the members the receiver of this message is. */
  self: key,
  members: z.array(member).max(2_000),
  /** Where connects may go that is no member: the control-plane endpoint. */
  endpoints: z.array(z.object({ address, port })).max(32),
  /** What is said of the cluster: which ports are opened and sent to goes by it. */
  plan,
});

const job = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tcp'),
    to: key,
    address,
    ports: z.array(ports).max(4_096),
    /** The receiver's listeners are ours: wait for the greeting. Otherwise a connection that is taken is all there is to see. */
    greeting: z.boolean(),
    /** Connects to each port at the same time. */
    repeat: z.int().min(1).max(16),
    /** Keep what is silent or mute open until `release`, so that the other side's kernel can be looked at. */
    hold: z.boolean(),
    bulk: z.boolean(),
  }),
  z.object({
    kind: z.literal('udp'),
    to: key,
    address,
    ports: z.array(ports).max(4_096),
    count: z.int().min(1).max(200),
    dress: z.enum(['vxlan', 'geneve']).nullable(),
    /** A connected socket for each port, which hears of refusals; otherwise one socket for all of them. */
    connected: z.boolean(),
  }),
  z.object({
    kind: z.literal('path-mtu'),
    to: key,
    address,
    ports: z.array(port).max(64),
    ceiling: z.int().min(576).max(65_535),
  }),
  z.object({
    kind: z.literal('endpoint'),
    address,
    port,
    /** Port of the listeners behind it. */
    behind: port,
  }),
]);

const sending = z.object({
  run,
  jobs: z.array(job).max(4_096),
  /** Probes on the way at the same time that nothing has come of yet. */
  inFlight: z.int().min(1).max(4_096),
  /** Milliseconds after which silence is silence. */
  silenceMs: z.int().min(10).max(60_000),
});

const sent = z.object({
  /** In the order of the jobs. */
  results: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('reach'),
        reaches: z.array(z.object({ ports, saw: senderSchema() })),
        bulk: bulkSchema().nullable(),
        /** Local ports of connects that are held, with the port that each goes to. */
        held: z.array(z.object({ port, localPort: port })).max(70_000),
      }),
      z.object({ kind: z.literal('path-mtu'), found: pathMtuSchema() }),
      z.object({ kind: z.literal('refused'), detail: z.string() }),
    ]),
  ),
  /** Longest time that this process did not come to look at its sockets meanwhile. Milliseconds. */
  lagMs: z.number(),
});

const question = z.object({
  run,
  /** Whose packets; null for those of all members. */
  from: key.nullable(),
  /** Arrivals and sockets on these ports. */
  ports: z.array(z.object({ protocol, ports })).max(4_096),
  /** The kernel's connections on these ports too, and next hops that do not answer: somebody heard nothing, and such tables are long. */
  connections: z.boolean(),
});

/** Counters of /proc/net/snmp, snmp6 and netstat; null where the kernel does not have it. */
const counters = z.object({
  inReceives: z.number(),
  inDelivers: z.number(),
  outRequests: z.number(),
  outTransmits: z.number().nullable(),
  embryonicResets: z.number(),
  listenDrops: z.number(),
  deferred: z.number(),
  cookiesSent: z.number(),
  retransmitFailures: z.number().nullable(),
  refusals: z.number().nullable(),
  forwarded: z.number(),
  addressErrors: z.number(),
  noRoutes: z.number(),
  reversePathFiltered: z.number().nullable(),
});

const pod = z.int().min(0).max(63);

const sight = z.object({
  arrivals: z.array(
    z.object({
      from: key,
      protocol,
      address,
      ports,
      arrived: z.number(),
      answered: z.number(),
      source: address.nullable(),
      requests: countedSchema().nullable(),
      dressed: countedSchema().nullable(),
      likeDressed: countedSchema().nullable(),
    }),
  ),
  /** Connections on these ports, half-open (SYN_RECV) or made. */
  connections: z
    .array(z.object({ port, remoteAddress: address, remotePort: port, halfOpen: z.boolean() }))
    .max(100_000),
  /** By family. */
  counters: z.object({ 4: counters, 6: counters.nullable() }),
  /** Addresses of members for which nobody answers ARP or neighbour discovery, or for the gateway that leads to them. */
  neighboursFailed: z.array(address).max(10_000),
  /** Ports of the run that are open still. */
  open: z.array(opening).max(70_000),
  lagMs: z.number(),
});

const limits = z.object({
  /** Sockets that this process may have at a time, listeners and connects together. */
  sockets: z.int(),
  /** Connections that the kernel can still track; null where it tracks none. */
  tracked: z.int().nullable(),
  /** Neighbours for which its table has room still. */
  neighbours: z.int().nullable(),
});

/** Every message of the control channel: what is asked, and what is answered. */
export const MESSAGES = {
  /** Who is there? The plan of the run is what a peer reads its facts by, where nobody said otherwise there. */
  meet: {
    request: z.object({
      protocol: z.int(),
      version: z.string(),
      plan,
      /** Of the machine that conducts the run, where it takes part in it; none otherwise. */
      addresses: z.array(address).max(64).optional(),
    }),
    answer: z.object({
      protocol: z.int(),
      version: z.string(),
      /** What was said there. */
      said: plan,
      instance: secret,
      limits,
      /** All addresses of its interfaces. */
      addresses: z.array(address).max(1_024),
    }),
  },
  facts: {
    request: z.object({ names: z.array(z.string().max(200)).max(500), plan }),
    /** Each held against the schema of its fact by whoever asked. */
    answer: z.object({ facts: z.record(z.string(), z.unknown()) }),
  },
  /** Makes this machine a member of a run, or changes the run's members. */
  enlist: { request: lease, answer: empty },
  renew: { request: z.object({ run }), answer: empty },
  open: {
    request: z.object({ run, openings: z.array(opening).max(4_096) }),
    answer: z.object({
      opened: z.array(
        opening.extend({
          listener: z.enum(['ours', 'owner', 'kernel', 'service', 'none', 'unavailable']),
          detail: z.string().nullable(),
        }),
      ),
    }),
  },
  send: { request: sending, answer: sent },
  look: { request: question, answer: sight },
  /** Closes what `hold` kept. */
  release: { request: z.object({ run }), answer: empty },
  /** Closes ports of the run that are no longer needed. */
  shut: { request: z.object({ run, openings: z.array(opening).max(4_096) }), answer: empty },
  leave: { request: z.object({ run }), answer: empty },
  /** Makes pods of this machine take part in the run, where it was told to allow that. */
  'open-pods': {
    /** Two pods are all that is asked of a machine. */
    request: z.object({ run, how: z.enum(['throw-away', 'existing']), count: z.int().min(1).max(2) }),
    answer: z.object({
      told: pods,
      /** Those that can be talked to. */
      pods: z.array(z.object({ pod, addresses: z.array(address).max(64) })).max(64),
      /** Addresses of this machine: those of the node, by which its pods reach it, and all that its interfaces have by now. */
      node: z.array(address).max(8),
      addresses: z.array(address).max(1_024),
    }),
  },
  /** A message for a pod: it is a machine of its own to a run of its own. */
  'in-pod': {
    request: z.object({ run, pod, message: z.string().max(20), request: z.unknown() }),
    answer: z.object({ answer: z.unknown() }),
  },
  /** Puts back all that was made for the pods of the run, and tells what is left. */
  'close-pods': { request: z.object({ run }), answer: z.object({ told: pods }) },
  /** Milliseconds since the epoch by the clock there, when the request came and when the answer left. */
  clock: { request: empty, answer: z.object({ receivedMs: z.number(), sentMs: z.number() }) },
} as const;

export type MessageName = keyof typeof MESSAGES;
export type RequestOf<M extends MessageName> = z.infer<(typeof MESSAGES)[M]['request']>;
export type AnswerOf<M extends MessageName> = z.infer<(typeof MESSAGES)[M]['answer']>;

export type Opening = z.infer<typeof opening>;
export type Opened = AnswerOf<'open'>['opened'][number];
export type Job = z.infer<typeof job>;
export type JobResult = AnswerOf<'send'>['results'][number];
export type Sight = AnswerOf<'look'>;
export type Counters = z.infer<typeof counters>;
export type Limits = z.infer<typeof limits>;
/** What was said of a cluster or of a machine, as it travels. */
export type SaidPlan = RequestOf<'meet'>['plan'];
