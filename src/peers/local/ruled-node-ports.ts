import serviceNodePorts from '../../facts/service-node-ports.ts';
import type { Settings } from '../../plan/settings.ts';
import { SystemError, type System } from '../../system/system.ts';
import { inRange } from '../../values/port-range.ts';
import type { Place } from './listeners.ts';
import type { Opened } from '../messages/protocol.ts';

/** What became of a port that was to be opened. */
export type Story = Pick<Opened, 'listener' | 'detail'>;

export function unavailable(detail: string): Story {
  return { listener: 'unavailable', detail };
}

/** Milliseconds that programs have to list all rules. */
const RULES_MS = 10_000;

/**
 * What a node that has joined does with a NodePort before any socket could see it: the Service that rules send it to, or why that is not known. Null for
 * those that are free.
 */
export async function ruledNodePorts(system: System, own: Settings): Promise<(place: Place) => Story | null> {
  try {
    const { ports, unseen } = await serviceNodePorts.read(system, {
      plan: own,
      signal: AbortSignal.timeout(RULES_MS),
    });
    return ({ protocol, port }) => {
      const rule = ports.find((each) => each.protocol === protocol && inRange(each, port));
      if (rule !== undefined) return { listener: 'service', detail: rule.by };
      return unseen === null ? null : unavailable(unseen);
    };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return () => unavailable(`which NodePorts belong to Services is not known: ${error.message}`);
  }
}
