import * as z from 'zod';
import { inventorySchema } from '../values/inventory.ts';
import { STATUSES } from '../values/status.ts';

/** The report, version 1. Fields may be added within v1, never renamed or removed. */
const status = z.enum(STATUSES);

const remedy = z
  .object({
    text: z.string().describe('what to do, in a sentence'),
    commands: z.array(z.string()).readonly().optional().describe('complete lines to paste as root'),
  })
  .describe('what to do; always there on a warn or fail');

const probe = z.object({
  from: z.object({
    node: z.string(),
    address: z.string().nullable().describe('source address of the packets, where it is known'),
    pod: z.string().nullable(),
  }),
  to: z.object({
    node: z.string(),
    address: z.string(),
    protocol: z.enum(['tcp', 'udp']),
    port: z.string().describe('always a string: `6443`, and `30000-31499` for neighbours with one story'),
    pod: z.string().nullable().optional(),
  }),
  purpose: z.string().describe('who speaks to whom there'),
  attempts: z.number().describe('how often was looked'),
  proof: z
    .enum(['nonce', 'accepted'])
    .nullable()
    .describe(
      'nonce: our own listener repeated what was sent; accepted: a real owner took the connection; null: nothing was proved',
    ),
  sender: z.object({
    outcome: z.enum(['answered', 'accepted', 'refused', 'error', 'silence']),
    errno: z.string().nullable(),
    waitedMs: z.number(),
    rttMs: z.number().nullable(),
  }),
  receiver: z.object({
    listener: z.string().describe('ours, owner, kernel, service, none, unavailable; else why it is not known'),
    arrived: z.number().nullable(),
    answered: z.number().nullable(),
    source: z.string().nullable().describe('address from which it came, as the receiver saw it'),
  }),
});

const finding = z.object({
  check: z.string().describe('id of the check'),
  nodes: z.array(z.string()).describe('names of the nodes it is about'),
  subject: z.string().describe('what was judged; with check and nodes it identifies the finding from run to run'),
  status,
  was: z.enum(['fail']).optional().describe('the status before it was softened'),
  because: z.enum(['ignore-preflight-errors', 'waiver', 'role-any']).optional().describe('what softened it'),
  reason: z.string().describe('a code; within a check it fixes the status. Match this, never the prose'),
  message: z.string().describe('what is the case, in a sentence'),
  why: z.string().optional().describe('why it matters'),
  expected: z.string().optional(),
  actual: z.string().optional(),
  evidence: z.record(z.string(), z.unknown()).optional().describe('what the judgement rests on'),
  kubeadm: z.string().optional().describe("kubeadm's name of the same thing, for --ignore-preflight-errors"),
  probe: probe.optional().describe('of a finding about packets: their two ends, and what each saw'),
  remedy: remedy.optional(),
});

const check = z.object({
  id: z.string(),
  title: z.string(),
  category: z.string(),
  status: status.describe('the worst of its findings: fail, unknown, warn, pass, skip'),
  durationMs: z.number(),
  docs: z.string().describe('the official page'),
  findings: z.array(finding).min(1),
});

const node = z.object({
  name: z.string(),
  self: z.boolean().describe('the machine that ran the check'),
  roles: z.array(z.enum(['control-plane', 'worker', 'etcd', 'any'])),
  stage: z.enum(['fresh', 'joined']),
  kubernetesVersion: z.string(),
  versionFrom: z.enum(['said', 'kube-apiserver', 'kubelet', 'kubeadm', 'default']).describe('what told the version'),
  addresses: z.array(z.string()),
  inventory: inventorySchema()
    .optional()
    .describe('what kind of machine it is; only with --verbose, and no finding rests on it'),
});

export const reportSchema = z.object({
  schema: z.literal('seaworthy.report/v1'),
  tool: z.object({ name: z.string(), version: z.string() }),
  run: z.object({
    id: z.string(),
    command: z.string(),
    startedAt: z.string().describe('ISO 8601, UTC'),
    durationMs: z.number(),
  }),
  nodes: z.array(node),
  plan: z
    .record(z.string(), z.object({ value: z.unknown(), origin: z.string() }))
    .describe('each setting with where it came from; no secrets'),
  verdict: z.enum(['ready', 'not-ready', 'unknown']),
  coverage: z
    .object({
      nodes: z.number(),
      pairs: z.number().describe('directed pairs of nodes that the roles need'),
      pairsTested: z.number(),
      pods: z
        .enum(['not-asked', 'tested', 'not-tested'])
        .describe(
          'whether packets of pods were seen through to an end; not-tested: they were asked for, and none were',
        ),
    })
    .describe('what the verdict covers'),
  summary: z
    .object({ pass: z.number(), warn: z.number(), fail: z.number(), unknown: z.number(), skip: z.number() })
    .describe('counts of checks'),
  checks: z.array(check),
});

export type Report = z.infer<typeof reportSchema>;
export type CheckReport = Report['checks'][number];
export type Finding = CheckReport['findings'][number];
export type ProbeEvidence = z.infer<typeof probe>;
