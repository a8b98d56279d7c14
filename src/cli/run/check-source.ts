import { podsAsked } from '../../plan/pods-asked.ts';
import type { Plan } from '../../plan/settings.ts';
import type { Catalogue } from './catalogue.ts';
import { overControlPort } from '../peers/over-control-port.ts';
import { machineSource } from './machine-source.ts';
import { isRunning } from './machine-system.ts';
import type { OwnPeer } from '../peers/own-peer.ts';
import type { PeerSessions } from '../peers/peer-sessions.ts';
import type { OpenedSource } from './report-run.ts';
import type { RingDuty } from '../cluster/ring-duty.ts';
import { toldByCluster } from '../cluster/told-by-cluster.ts';

export interface CheckSourceInput {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  /** Of the control channel; null where no peer is named, and no cluster could name any. */
  readonly psk: Buffer | null;
  readonly signal: AbortSignal;
  /** Where the control channels outlive the run; null where they end with it. */
  readonly sessions: PeerSessions | null;
  /** This machine as a member that outlives the run; null where it is one for this run alone. */
  readonly own: OwnPeer | null;
  /** The part of this machine on the ring of a cluster, where it has one. */
  readonly ring?: RingDuty | null;
}

/** What `check` judges: this machine, with its peers and pods where the plan names any, the directory that stands for it, or saved facts. */
export async function checkSource({
  plan: said,
  catalogue,
  psk,
  signal,
  sessions,
  own,
  ring = null,
}: CheckSourceInput): Promise<OpenedSource> {
  const nothing = () => Promise.resolve();
  const { plan, add } = await toldByCluster({ plan: said, catalogue, signal, peers: psk !== null, self: true, ring });
  const { facts } = plan.settings;
  // Pods are machines of a run too, also where no other machine takes part.
  if (psk !== null || (podsAsked(plan.settings).length > 0 && (await isRunning(plan.settings)))) {
    const { peersSource } = await import('../peers/peers-source.ts');
    const connect = psk === null ? null : overControlPort(psk, plan.settings);
    const { source, close } = await peersSource({ plan, catalogue, connect, signal, self: true, sessions, own });
    return { plan, source: add(source), close };
  }
  if (facts.length === 0)
    return { plan, source: add(await machineSource(plan, catalogue.facts, signal)), close: nothing };
  const { savedFiles } = await import('./saved-files.ts');
  return { plan, source: await savedFiles('--facts', facts, catalogue.facts), close: nothing };
}
