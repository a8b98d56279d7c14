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
  from: z
    .object({
      node: z.string().describe('name of the node that sent'),
      address: z.string().nullable().describe('source address of the packets, where it is known'),
      pod: z.string().nullable().describe('the pod on it that sent; null: the node itself'),
    })
    .describe('where the packets came from'),
  to: z
    .object({
      node: z.string().describe('name of the node that was to receive'),
      address: z.string().describe('destination address of the packets'),
      protocol: z.enum(['tcp', 'udp']).describe('what was sent'),
      port: z.string().describe('always a string: `6443`, and `30000-31499` for neighbours with one story'),
      pod: z.string().nullable().optional().describe('the pod on it that was to receive; null: the node itself'),
    })
    .describe('where they went'),
  purpose: z.string().describe('who speaks to whom there'),
  attempts: z.number().describe('how often was looked'),
  proof: z
    .enum(['nonce', 'accepted'])
    .nullable()
    .describe(
      'nonce: our own listener repeated what was sent; accepted: a real owner took the connection; null: nothing was proved',
    ),
  sender: z
    .object({
      outcome: z.enum(['answered', 'accepted', 'refused', 'error', 'silence']).describe('how the attempt ended'),
      errno: z.string().nullable().describe('name of the error that the kernel returned'),
      waitedMs: z.number().describe('how long it waited for an answer, in milliseconds'),
      rttMs: z.number().nullable().describe('time to the answer, in milliseconds'),
    })
    .describe('what the sender saw'),
  receiver: z
    .object({
      listener: z.string().describe('ours, owner, kernel, service, none, unavailable; else why it is not known'),
      arrived: z.number().nullable().describe('how many requests arrived; null: not known'),
      answered: z.number().nullable().describe('how many of them were answered; null: not known'),
      source: z.string().nullable().describe('address from which it came, as the receiver saw it'),
    })
    .describe('what the receiver saw'),
});

const finding = z.object({
  check: z.string().describe('id of the check'),
  nodes: z.array(z.string()).describe('names of the nodes it is about'),
  subject: z.string().describe('what was judged; with check and nodes it identifies the finding from run to run'),
  status: status.describe('the judgement'),
  was: z.enum(['fail']).optional().describe('the status before it was softened'),
  because: z.enum(['ignore-preflight-errors', 'waiver', 'role-any']).optional().describe('what softened it'),
  waiver: z
    .object({
      why: z.string().describe('why it may fail, in the words of whoever waived it'),
      until: z.string().nullable().describe('the last day on which it may, in UTC; null for good'),
    })
    .optional()
    .describe('the waiver of the configuration that softened it'),
  reason: z.string().describe('a code; within a check it fixes the status. Match this, never the prose'),
  message: z.string().describe('what is the case, in a sentence'),
  why: z.string().optional().describe('why it matters'),
  expected: z.string().optional().describe('what should be the case, in few words'),
  actual: z.string().optional().describe('what is the case instead, in few words'),
  evidence: z.record(z.string(), z.unknown()).optional().describe('what the judgement rests on'),
  kubeadm: z.string().optional().describe("kubeadm's name of the same thing, for --ignore-preflight-errors"),
  probe: probe.optional().describe('of a finding about packets: their two ends, and what each saw'),
  remedy: remedy.optional(),
});

const check = z.object({
  id: z.string().describe('`category/name`; `seaworthy explain` prints its page'),
  title: z.string().describe('what it holds to be the case'),
  category: z.string().describe('the first part of the id'),
  status: status.describe('the worst of its findings: fail, unknown, warn, pass, skip'),
  durationMs: z.number().describe('how long it took, in milliseconds'),
  docs: z.string().describe('the official page'),
  findings: z.array(finding).min(1).describe('what was judged, at least one'),
});

const node = z.object({
  name: z.string().describe('what it was named, else its host name'),
  self: z.boolean().describe('the machine that ran the check'),
  roles: z
    .array(z.enum(['control-plane', 'worker', 'etcd', 'any']))
    .describe('what it is judged as; any: nobody said, and nothing on disk tells'),
  stage: z.enum(['fresh', 'joined']).describe('before kubeadm init or join, or afterwards'),
  kubernetesVersion: z.string().describe('the version it is judged for'),
  versionFrom: z.enum(['said', 'kube-apiserver', 'kubelet', 'kubeadm', 'default']).describe('what told the version'),
  addresses: z.array(z.string()).describe('by which others reach it: what was said, or what kubeadm would choose'),
  inventory: inventorySchema()
    .optional()
    .describe('what kind of machine it is; only with --verbose, and no finding rests on it'),
});

export const reportSchema = z.object({
  schema: z
    .literal('seaworthy.report/v1')
    .describe('what this document is; within v1 fields are added, never renamed or removed'),
  tool: z
    .object({ name: z.string().describe('its name'), version: z.string().describe('its version') })
    .describe('the program that judged'),
  run: z
    .object({
      id: z.string().describe('another one for each run'),
      command: z.string().describe('the command of seaworthy: check, mesh, serve, compare'),
      startedAt: z.string().describe('ISO 8601, UTC'),
      durationMs: z.number().describe('how long it took, with the meeting of peers, in milliseconds'),
      cutShort: z
        .enum(['interrupted', 'budget-spent'])
        .optional()
        .describe('what ended it before its time: what it had not come to by then is unknown'),
    })
    .describe('when and how it was judged'),
  nodes: z.array(node).describe('the machines that took part'),
  plan: z
    .record(
      z.string(),
      z.object({
        value: z.unknown().describe('what holds'),
        origin: z
          .string()
          .describe(
            'who said it: default, saved facts, cluster, kubeadm configuration, join command, configuration, environment, flag',
          ),
      }),
    )
    .describe('each setting with where it came from; no secrets'),
  verdict: z
    .enum(['ready', 'not-ready', 'unknown'])
    .describe('ready: no fail and no unknown; not-ready: a fail; unknown: something could not be decided'),
  coverage: z
    .object({
      nodes: z.number().describe('how many machines were judged'),
      pairs: z.number().describe('directed pairs of nodes that the roles need'),
      pairsTested: z.number().describe('those of them between which packets were sent'),
      pods: z
        .enum(['not-asked', 'tested', 'not-tested'])
        .describe(
          'whether packets of pods were seen through to an end; not-tested: they were asked for, and none were',
        ),
    })
    .describe('what the verdict covers'),
  summary: z
    .object({
      pass: z.number().describe('as it should be'),
      warn: z.number().describe('works, and may not for long or for all'),
      fail: z.number().describe('not as it must be'),
      unknown: z.number().describe('applies, and could not be decided'),
      skip: z.number().describe('does not apply, or was not asked for'),
    })
    .describe('counts of checks'),
  checks: z.array(check).describe('every check with its findings, in a stable order'),
});

export type Report = z.infer<typeof reportSchema>;
export type CheckReport = Report['checks'][number];
export type Finding = CheckReport['findings'][number];
export type ProbeEvidence = z.infer<typeof probe>;
