import type { Settings } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import type { Connect } from './meet.ts';
import { TOOL } from '../tool.ts';

/** To peers that listen on a port of theirs, by the key that their token makes. */
export function overControlPort(psk: Buffer, { timeout }: Settings): Connect {
  return async ({ host, port }, key, signal) => {
    // TLS and HTTP take a while to load.
    const { connectPeer } = await import('../../peers/control/control-client.ts');
    const { network } = liveSystem();
    return connectPeer({ key, host, port, psk, timeoutMs: timeout, signal, version: TOOL.version, network });
  };
}
