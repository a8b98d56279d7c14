import type { LocalPeer } from '../../peers/local/local-peer.ts';
import type { Control } from '../../peers/control/control-server.ts';
import { CONTROL_PORT } from '../../values/control-port.ts';
import { PROGRAM } from '../../values/program-name.ts';
import { openingPort } from '../opening-port.ts';
import { TOOL } from '../tool.ts';

interface ControlPort {
  readonly peer: LocalPeer;
  readonly psk: Buffer;
  readonly signal: AbortSignal;
}

/** Runs of other nodes may have this one take part, as with `seaworthy listen`. Throws a UsageError. */
export async function openControlPort({ peer, psk, signal }: ControlPort): Promise<Control> {
  // Other runs on this machine then know whose listeners these are.
  process.title = PROGRAM;
  const place = { address: null, port: CONTROL_PORT };
  const { serveControl } = await import('../../peers/control/control-server.ts');
  const hints = { holder: 'a `seaworthy listen`, which is not needed beside this', other: null };
  return openingPort(place, hints, serveControl({ peer, psk, version: TOOL.version, ...place, signal }));
}
