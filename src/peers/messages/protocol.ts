import * as z from 'zod';
import { podsSchema } from './pods-schema.ts';
import { lease, plan } from './lease-schema.ts';
import { sending, sent, type job } from './sending-schema.ts';
import { question, sight, type counters } from './sight-schema.ts';
import { address, opening, run, secret } from './wire-values.ts';

/** Two releases that do not speak the same version say so, and nothing else. */
export const PROTOCOL = 1;

/** A lease that is not renewed for so long has lapsed: everything that was opened for it is closed. Milliseconds. */
export const LEASE_MS = 15_000;

/** What a coordinator that takes part calls its own machine, where it calls the others as its user named them. */
export const COORDINATOR_KEY = 'self';

/** A longer message is refused before it is parsed. Bytes. */
export const MESSAGE_LIMIT = 8 * 1024 * 1024;

const empty = z.object({});
// Long: made when it is needed. A pod, and most runs, never ask for it.
const pods = z.lazy(podsSchema);

const pod = z.int().min(0).max(63);

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
