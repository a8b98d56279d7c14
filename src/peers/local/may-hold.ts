import nodeTraces from '../../facts/node-traces.ts';
import { hasJoined, isJoining } from '../../kubernetes/joined.ts';
import type { Settings } from '../../plan/settings.ts';
import { SystemError, type System } from '../../system/system.ts';

/**
 * Why no port of a component may be held here, as one sentence, or null: a kubelet or an API server that restarts while we hold its port would
 * stay down. Looked at anew each time, since a machine can join while it listens. What cannot be looked at is taken for joined.
 */
export async function whyNotHeld(system: System, plan: Settings): Promise<string | null> {
  if (plan.stage === 'joined') return 'this machine is a node of a cluster, as was said here';
  try {
    const traces = await nodeTraces.read(system, { plan, signal: new AbortController().signal });
    if (hasJoined(traces))
      return 'this machine is a node of a cluster, whose components need the port when they restart';
    return isJoining(traces)
      ? 'a join is under way here, or was broken off: /etc/kubernetes/bootstrap-kubelet.conf'
      : null;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return `it cannot be told whether this machine is a node of a cluster: ${error.message}`;
  }
}
