/** A query of the Simple Network Time Protocol, RFC 4330, version 4: what any NTP daemon answers about itself. */
export const NTP_PORT = 123;

const LENGTH = 48;
const VERSION_4_CLIENT = 0x23;
const SERVER = 4;
const LEAP_UNSYNCHRONISED = 3;
/** The strata of a server that has a source; 0 is a refusal, 16 is none. */
const MOST_STRATUM = 15;
/** Goes out as our transmit time and comes back as the originate time. */
const COOKIE = Buffer.from('seaworth');

export interface ServerState {
  readonly synchronised: boolean;
  readonly stratum: number;
}

export function sntpRequest(): Buffer {
  const request = Buffer.alloc(LENGTH);
  request.writeUInt8(VERSION_4_CLIENT, 0);
  COOKIE.copy(request, 40);
  return request;
}

/** Null when it is no answer to our query, or a refusal to serve (stratum 0 with a code such as RATE or DENY). */
export function parseSntp(reply: Buffer): ServerState | null {
  if (reply.length < LENGTH) return null;
  const first = reply.readUInt8(0);
  const leap = first >> 6;
  const stratum = reply.readUInt8(1);
  if ((first & 7) !== SERVER || !reply.subarray(24, 32).equals(COOKIE)) return null;
  if (leap === LEAP_UNSYNCHRONISED) return { synchronised: false, stratum };
  return stratum === 0 ? null : { synchronised: stratum <= MOST_STRATUM, stratum };
}
