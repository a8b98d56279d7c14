/** What the system refuses for want of something that this machine will have again: descriptors, local ports, memory. It says nothing of the network. */
export const LOCAL_LIMITS: ReadonlySet<string> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
]);
