import type { Finding } from '../report/schema.ts';
import type { Settings } from '../plan/settings.ts';
import type { AnyDraft, Check, Remedy } from './check.ts';
import { requireDraft } from './draft.ts';
import { ENGINE_REASONS, type EngineReason } from './reasons.ts';
import type { Node } from './node.ts';
import { waiverFor } from './waivers.ts';

/** What the user allows to fail, and the day of the run by which waivers expire. */
export interface Allowed extends Pick<Settings, 'ignorePreflightErrors' | 'waivers'> {
  /** In UTC: `2026-01-31`. */
  readonly day: string;
}

/** A draft as the report has it: its status from the reasons that the check declared, softened where the user or the role says so. */
export function finish(check: Check, nodes: readonly Node[], draft: AnyDraft, allowed: Allowed): Finding {
  requireDraft(draft);
  const declared = Object.hasOwn(check.reasons, draft.reason) ? check.reasons[draft.reason] : undefined;
  if (declared === undefined)
    throw new Error(`${check.id} gives the reason ${draft.reason}, which it does not declare`);
  if ((declared === 'warn' || declared === 'fail') && draft.remedy === undefined) {
    throw new Error(`${check.id} gives a ${declared} without a remedy`);
  }
  const { onlyFor, kubeadm, reason, subject, message } = draft;
  const name = kubeadm === undefined ? onlyName(check.kubeadm) : kubeadm;
  const about = { check: check.id, nodes: nodes.map((node) => node.name), subject, reason };
  const narrowed = onlyFor !== undefined && nodes.some(isAny);
  return {
    check: check.id,
    nodes: about.nodes,
    subject,
    ...(declared === 'fail' ? soften(about, narrowed, name, allowed) : { status: declared }),
    reason,
    message: narrowed && declared === 'fail' ? `${message} (needed by the role ${onlyFor})` : message,
    ...detailsOf(draft),
    ...(name === null ? {} : { kubeadm: name }),
  };
}

/** What a draft says beyond what it must, and nothing that a report does not have. */
function detailsOf({ why, expected, actual, evidence, probe, remedy }: AnyDraft): Partial<Finding> {
  return {
    ...(why === undefined ? {} : { why }),
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(probe === undefined ? {} : { probe }),
    ...(remedy === undefined ? {} : { remedy: remedyOf(remedy) }),
  };
}

function remedyOf({ text, commands }: Remedy): Remedy {
  return commands === undefined ? { text } : { text, commands };
}

/** What the engine itself says of a check. */
export function engineFinding(
  check: Check,
  nodes: readonly Node[],
  reason: EngineReason,
  subject: string,
  message: string,
): Finding {
  return {
    check: check.id,
    nodes: nodes.map((node) => node.name),
    subject,
    status: ENGINE_REASONS[reason],
    reason,
    message,
  };
}

/** Of a check that threw, or broke its contract. */
export function checkBroke(check: Check, nodes: readonly Node[], error: unknown): Finding {
  const said = error instanceof Error ? error.message : String(error);
  return engineFinding(check, nodes, 'check-error', check.id, `The check itself failed: ${said}`);
}

/** What a fail becomes. A waiver comes before the ignore list: it says why. */
function soften(
  fail: Pick<Finding, 'check' | 'nodes' | 'subject' | 'reason'>,
  ofOneRole: boolean,
  name: string | null,
  { ignorePreflightErrors, waivers, day }: Allowed,
): Pick<Finding, 'status' | 'was' | 'because' | 'waiver'> {
  if (ofOneRole) return { status: 'warn', was: 'fail', because: 'role-any' };
  const waiver = waiverFor(fail, waivers, day);
  if (waiver !== null) {
    const { why, until } = waiver;
    return { status: 'warn', was: 'fail', because: 'waiver', waiver: { why, until } };
  }
  if (isIgnored(name, ignorePreflightErrors))
    return { status: 'warn', was: 'fail', because: 'ignore-preflight-errors' };
  return { status: 'fail' };
}

/** As kubeadm matches its own list: case does not matter, and `all` is every one of its own. What it never finds it cannot ignore. */
function isIgnored(name: string | null, ignored: readonly string[]): boolean {
  const wanted = new Set(ignored.map((each) => each.toLowerCase()));
  return name !== null && (wanted.has('all') || wanted.has(name.toLowerCase()));
}

function isAny(node: Node): boolean {
  return node.roles.includes('any');
}

function onlyName(names: readonly string[]): string | null {
  const [name, ...others] = names;
  return name === undefined || others.length > 0 || name.endsWith('*') ? null : name;
}
