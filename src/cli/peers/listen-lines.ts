import { isClusterInterface } from '../../kubernetes/cluster-interfaces.ts';
import type { ListenAddress, Settings } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { CONTROL_PORT } from '../../values/control-port.ts';
import { formatDuration } from '../../values/duration.ts';
import { formatEndpoint } from '../../values/endpoint.ts';
import { isGlobalUnicast, isWildcard, parseIp } from '../../values/ip.ts';
import { shellQuote } from '../../values/shell.ts';
import { portOf } from '../opening-port.ts';

/** Where the control port of a peer is: what was said, or every address. */
export function controlPlace({ listen }: Pick<Settings, 'listen'>): ListenAddress {
  return listen ?? { address: null, port: CONTROL_PORT };
}

/** What a peer says when it begins to listen. */
export async function listeningLines(settings: Settings): Promise<string[]> {
  const { listenFor } = settings;
  const listen = controlPlace(settings);
  const until = listenFor === null ? 'until Ctrl-C' : `for ${formatDuration(listenFor)}`;
  const [here = 'HOST', ...others] = await addressesOf(listen);
  return [
    `seaworthy: listening on ${portOf(listen)}, for those who hold the token, ${until}.`,
    `On the other machine: ${checkLine(settings, here)}`,
    ...(others.length === 0 ? [] : [`This machine can also be named ${others.join(', ')}.`]),
  ];
}

/** What to paste on both machines, where there is no token yet. */
export async function tokenLines(settings: Settings): Promise<string[]> {
  const [here = 'HOST'] = await addressesOf(controlPlace(settings));
  return [
    '`seaworthy listen` needs the token that all machines of a run share: --token-file FILE, or the variable SEAWORTHY_TOKEN.',
    `Once, on either machine: (umask 077 && seaworthy token > ${FILE})`,
    `Copy it to the other:    scp -p ${FILE} root@HOST:`,
    `On this machine:         seaworthy listen --token-file ${FILE}`,
    `On the other:            ${checkLine(settings, here)}`,
  ];
}

const FILE = 'seaworthy.token';

function checkLine(settings: Settings, host: string): string {
  const { role, tokenFile } = settings;
  const { port } = controlPlace(settings);
  const [as, ...more] = role;
  const peer = port === CONTROL_PORT ? host : formatEndpoint({ host, port });
  const named = as === undefined || more.length > 0 ? peer : `${as}@${peer}`;
  const pods = settings.pods === null ? '' : ` --pods ${settings.pods}`;
  return `seaworthy check${pods} --peer ${shellQuote(named)} --token-file ${shellQuote(tokenFile ?? FILE)}`;
}

/** By which others can name this machine. */
async function addressesOf({ address }: ListenAddress): Promise<string[]> {
  const ip = address === null ? null : parseIp(address);
  if (address !== null && ip !== null && !isWildcard(ip)) return [address];
  const all = await liveSystem().addresses();
  return all
    .filter(({ name, family }) => !isClusterInterface(name) && (ip === null || family === ip.family))
    .map((each) => each.address)
    .filter((text) => {
      const parsed = parseIp(text);
      return parsed !== null && isGlobalUnicast(parsed);
    });
}
