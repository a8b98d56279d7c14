import { constants } from 'node:crypto';

/**
 * What both ends of the control channel agree on. Of the suites with a shared key and forward secrecy this is the one with an authenticated cipher;
 * TLS 1.3 has shared keys too, but Node shows no way to them.
 */
export const TLS = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  // Every connection proves the key anew.
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
} as const;

/** Who speaks: the name is that of the program, and all who hold the token are one. */
export const IDENTITY = 'seaworthy';

/** After so long without a packet the kernel asks whether the other end is there still. Milliseconds. */
export const KEEP_ALIVE_MS = 10_000;
