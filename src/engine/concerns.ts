import type { Machine } from '../evidence/source.ts';
import type { Settings } from '../plan/settings.ts';
import type { Check, Named } from './check.ts';
import type { Participant } from './participant.ts';
import type { EngineReason } from './reasons.ts';

/** What peers are by themselves is not asked here, only what is between them and this machine. */
export function concerns(check: Check, { judged }: Machine): boolean {
  return judged || (check.compare !== undefined && check.within !== true);
}

/** Whether a machine whose needed facts were read is judged. One that could not be reached is where somebody else told them: the API of the cluster. */
export function isJudged(check: Check, { judged, unreachable }: Machine): boolean {
  return check.judge !== undefined && judged && (unreachable === undefined || check.needs.length > 0);
}

/** Why a check is not for a machine; null where it is. */
export function whyNotFor(
  check: Check,
  { node, plan }: Participant,
): { reason: EngineReason; subject: string; message: string } | null {
  if (!check.stages.includes(node.stage)) {
    return {
      reason: 'other-stage',
      subject: node.stage,
      message: `It is about ${check.stages.join(' and ')} nodes; this one is ${node.stage}.`,
    };
  }
  if (
    check.roles !== undefined &&
    !node.roles.includes('any') &&
    !check.roles.some((role) => node.roles.includes(role))
  ) {
    return {
      reason: 'other-role',
      subject: node.roles.join(', '),
      message: `Only a ${check.roles.join(' or ')} has what it judges.`,
    };
  }
  const absent = (check.requires ?? []).find((key) => isUnsaid(plan.settings[key]));
  return absent === undefined
    ? null
    : { reason: 'not-named', subject: OPTION[absent], message: `No ${OPTION[absent]} was given.` };
}

const OPTION: Readonly<Record<Named, string>> = {
  join: '--join',
  controlPlaneEndpoint: '--control-plane-endpoint',
  externalEtcd: 'external etcd',
  cni: '--cni',
  podCidr: '--pod-cidr',
  kubeconfig: '--kubeconfig',
};

function isUnsaid(value: Settings[Named]): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
