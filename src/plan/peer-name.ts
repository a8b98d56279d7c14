import { CONTROL_PORT } from '../values/control-port.ts';
import { parseEndpoint } from '../values/endpoint.ts';
import { isWildcard, parseIp } from '../values/ip.ts';
import { nearest } from '../values/nearest.ts';
import { BadValue, mustBe } from './errors.ts';
import { ROLES, type PeerName, type Role } from './settings.ts';

/** Parses `[ROLE@]HOST[:PORT]` for each machine; one that is named twice would be its own neighbour. Throws a BadValue. */
export function peerNames(texts: readonly string[]): readonly PeerName[] {
  const names = texts.map((text) => peerName(text.trim()));
  const twice = names.find(({ host, port }, index) =>
    names.slice(0, index).some((before) => before.host === host && before.port === port),
  );
  if (twice !== undefined) throw new BadValue('must name each machine once');
  return names;
}

function peerName(text: string): PeerName {
  const at = text.indexOf('@');
  const endpoint = text.includes('://') ? null : parseEndpoint(text.slice(at + 1), CONTROL_PORT);
  const ip = endpoint === null ? null : parseIp(endpoint.host);
  if (endpoint === null || (ip !== null && isWildcard(ip))) throw mustBe(FORM);
  return { roles: at < 0 ? [] : [roleOf(text.slice(0, at))], ...endpoint, text };
}

const FORM = `[ROLE@]HOST[:PORT] with a role of ${ROLES.join(', ')}, such as worker@10.0.0.12 or [fd00::12]:${CONTROL_PORT}`;

function roleOf(text: string): Role {
  const role = ROLES.find((name) => name === text);
  if (role !== undefined) return role;
  throw mustBe(FORM, nearest(text, ROLES));
}
