import { expect, test } from 'vitest';
import { tellingLine } from '../../src/fleet/telling-line.ts';

/** As OpenSSH 9.2 and 10.2 print it. */
test.each([
  ['', ''],
  [
    'ssh: connect to host 10.0.0.1 port 22: Connection refused\r\n',
    'ssh: connect to host 10.0.0.1 port 22: Connection refused',
  ],
  [
    'ssh: Could not resolve hostname jump.invalid: Name or service not known\r\nkex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535\r\n',
    'ssh: Could not resolve hostname jump.invalid: Name or service not known',
  ],
  [
    'kex_exchange_identification: Connection closed by remote host\nConnection closed by 10.0.0.1 port 22\n',
    'Connection closed by 10.0.0.1 port 22',
  ],
  [
    'kex_exchange_identification: read: Connection reset by peer\n',
    'kex_exchange_identification: read: Connection reset by peer',
  ],
  ["Warning: Permanently added '10.0.0.1' (ED25519) to the list of known hosts.\r\n", ''],
  [
    "Warning: Permanently added '10.0.0.1' (ED25519) to the list of known hosts.\r\nroot@10.0.0.1: Permission denied (publickey).\r\n",
    'root@10.0.0.1: Permission denied (publickey).',
  ],
  [
    'Timeout, server 10.0.0.1 not responding.\n** WARNING: connection is not using a post-quantum key exchange algorithm.\n** This session may be vulnerable to "store now, decrypt later" attacks.\n** The server may need to be upgraded. See https://openssh.com/pq.html\n',
    'Timeout, server 10.0.0.1 not responding.',
  ],
  ['sudo: a password is required\nShared connection to 10.0.0.1 closed.\r\n', 'sudo: a password is required'],
])('%j', (printed, line) => {
  expect(tellingLine(printed)).toBe(line);
});
