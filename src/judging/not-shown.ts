/** The finding about what only a running kernel shows, on a directory that holds no /proc: a mounted disk, a copy of one. */
export function notShown<const S extends string>(subject: S) {
  return {
    subject,
    reason: 'not-shown',
    message: 'This directory holds no /proc: only the running machine shows it.',
  } as const;
}
