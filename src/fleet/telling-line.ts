/** What ssh prints beside the reason for which it ends; it has one exit code for all reasons. */
const BESIDE = [
  /^Warning: Permanently added /,
  // Of the exchange of keys, from OpenSSH 10.1 on.
  /^\*\* /,
  /^debug\d: /,
  /^Killed by signal \d+\.$/,
  /^Shared connection to .* closed\.$/,
];

/** What tells little: that there is no connection, when the one to the jump host may have told why. */
const LITTLE = [/^kex_exchange_identification: /, /^Connection closed by UNKNOWN port 65535$/];

/** Of what ssh and the programs behind it printed, the last line that tells most; empty where none tells anything. */
export function tellingLine(printed: string): string {
  const lines = printed.split(/[\r\n]+/).map((line) => line.trim());
  const told = lines.filter((line) => line !== '' && !BESIDE.some((each) => each.test(line)));
  return told.findLast((line) => !LITTLE.some((each) => each.test(line))) ?? told.at(-1) ?? '';
}
