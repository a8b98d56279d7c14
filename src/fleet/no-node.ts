import type { ControlProblem, SshTrouble } from '../evidence/control-problems.ts';
import { PeerError } from '../peers/peer.ts';
import type { FleetNode } from './fleet-node.ts';
import { shownArguments } from './ssh-target.ts';

/** Why a node could not be had. @param message One sentence that names it. @param passing What may be otherwise a moment later. */
export function noNode(
  { target }: FleetNode,
  ssh: SshTrouble['problem'],
  message: string,
  passing: Extract<ControlProblem, 'refused' | 'silent'> | null = null,
): PeerError {
  const withheld = target.args.length > 0 ? { withheld: true } : {};
  return new PeerError(passing ?? 'rejected', message, { problem: ssh, to: shownArguments(target), ...withheld });
}

/** The run ended before it was had. */
export function notWaitedFor(node: FleetNode): PeerError {
  return noNode(node, 'ended', `${node.name} was not waited for: the run ended before.`);
}
