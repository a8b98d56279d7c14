/**
 * The monitoring protocol of chronyd, version 6: what `chronyc tracking` asks over UDP port 323 of the loopback address, where every
 * local user may ask. Source: candm.h of chrony.
 */
export const CHRONY_PORT = 323;

const VERSION = 6;
const REQUEST = 1;
const REPLY = 2;
const TRACKING_COMMAND = 33;
const TRACKING_REPLY = 5;
const SUCCESS = 0;
const REPLY_HEADER = 28;
/** A request is as long as its reply, so that nobody can use chronyd to amplify traffic. */
const LENGTH = 104;
const SEQUENCE = 0x73656177;

/** Offsets in a reply: after the header a reference id and a 20-byte address. */
const STRATUM = REPLY_HEADER + 24;
const LEAP = REPLY_HEADER + 26;
const LEAP_UNSYNCHRONISED = 3;

export interface Tracking {
  readonly synchronised: boolean;
  /** 0 while it has never been synchronised. */
  readonly stratum: number;
}

export function trackingRequest(): Buffer {
  const request = Buffer.alloc(LENGTH);
  request.writeUInt8(VERSION, 0);
  request.writeUInt8(REQUEST, 1);
  request.writeUInt16BE(TRACKING_COMMAND, 4);
  request.writeUInt32BE(SEQUENCE, 8);
  return request;
}

/** Null when it is no answer to our request, or a refusal. */
export function parseTracking(reply: Buffer): Tracking | null {
  if (reply.length < LENGTH) return null;
  const answers =
    reply.readUInt8(0) === VERSION &&
    reply.readUInt8(1) === REPLY &&
    reply.readUInt16BE(4) === TRACKING_COMMAND &&
    reply.readUInt16BE(6) === TRACKING_REPLY &&
    reply.readUInt16BE(8) === SUCCESS &&
    reply.readUInt32BE(16) === SEQUENCE;
  if (!answers) return null;
  return {
    synchronised: reply.readUInt16BE(LEAP) < LEAP_UNSYNCHRONISED,
    stratum: reply.readUInt16BE(STRATUM),
  };
}
