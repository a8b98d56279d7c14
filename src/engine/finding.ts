import type { Finding } from '../report/schema.ts';
import type { Role } from '../plan/settings.ts';
import type { AnyDraft, Check, Remedy } from './check.ts';
import { requireDraft } from './draft.ts';
import { ENGINE_REASONS, type EngineReason } from './reasons.ts';
import type { Node } from './node.ts';
import type { Status } from '../values/status.ts';

/** A draft as the report has it: its status from the reasons that the check declared, softened where the user or the role says so. */
export function finish(check: Check, nodes: readonly Node[], draft: AnyDraft, ignored: readonly string[]): Finding {
  requireDraft(draft);
  const declared = Object.hasOwn(check.reasons, draft.reason) ? check.reasons[draft.reason] : undefined;
  if (declared === undefined)
    throw new Error(`${check.id} gives the reason ${draft.reason}, which it does not declare`);
  if ((declared === 'warn' || declared === 'fail') && draft.remedy === undefined) {
    throw new Error(`${check.id} gives a ${declared} without a remedy`);
  }
  const { onlyFor, kubeadm, reason, subject, message } = draft;
  const name = kubeadm === undefined ? onlyName(check.kubeadm) : kubeadm;
  return {
    check: check.id,
    nodes: nodes.map((node) => node.name),
    subject,
    ...soften(declared, onlyFor, name, nodes, ignored),
    reason,
    message:
      onlyFor !== undefined && nodes.some(isAny) && declared === 'fail'
        ? `${message} (needed by the role ${onlyFor})`
        : message,
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

type Softened = Pick<Finding, 'status' | 'was' | 'because'>;

function soften(
  status: Status,
  onlyFor: Role | undefined,
  name: string | null,
  nodes: readonly Node[],
  ignored: readonly string[],
): Softened {
  if (status !== 'fail') return { status };
  if (onlyFor !== undefined && nodes.some(isAny)) return { status: 'warn', was: 'fail', because: 'role-any' };
  if (isIgnored(name, ignored)) return { status: 'warn', was: 'fail', because: 'ignore-preflight-errors' };
  return { status };
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
