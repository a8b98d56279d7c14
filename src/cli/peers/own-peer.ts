import { savedPlan } from '../../evidence/saved-plan.ts';
import { createLocalPeer, type LocalPeer, type LocalPeerOptions } from '../../peers/local/local-peer.ts';
import { COORDINATOR_KEY } from '../../peers/messages/protocol.ts';
import { podsAsked, podsExpected } from '../../plan/pods-asked.ts';
import type { Plan } from '../../plan/settings.ts';
import type { Catalogue } from '../run/catalogue.ts';
import { factReader } from './fact-reader.ts';
import { machineSystem } from '../run/machine-system.ts';
import { podsOf } from './own-pods.ts';
import { TOOL } from '../tool.ts';

/** This machine as a member of runs, with its pods. */
export interface OwnPeer {
  readonly peer: LocalPeer;
  /** Settles when everything of its pods is put back and, where that is wanted, all that was opened is closed. */
  close(listeners: boolean): Promise<void>;
}

interface OwnPeerInput {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  /** Ends the reading of facts. */
  readonly signal: AbortSignal;
  readonly met?: LocalPeerOptions['met'];
  /** For one run, in which no other machine takes part. */
  readonly alone?: boolean;
}

export async function ownPeer({ plan, catalogue, signal, met, alone = false }: OwnPeerInput): Promise<OwnPeer> {
  const system = await machineSystem(plan.settings);
  const pods = podsOf(system, plan, podsAsked(plan.settings));
  const expected = alone ? podsExpected(plan.settings) : null;
  if (expected !== null) await pods.expect(expected, signal);
  const peer = createLocalPeer({
    key: COORDINATOR_KEY,
    system,
    plan,
    said: savedPlan(plan),
    version: TOOL.version,
    readFacts: factReader(plan, catalogue.facts, signal),
    pods,
    ...(met === undefined ? {} : { met }),
  });
  const close = async (listeners: boolean) => {
    // A run that ends while pods are being made has not waited for them.
    await pods.closeAll();
    if (listeners) await peer.closeAll();
  };
  return { peer, close };
}
