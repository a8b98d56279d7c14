import * as files from './files.ts';
import { SystemError } from './system.ts';

/** What Node's own resolver opens as it loads, on the main thread and without O_NONBLOCK: one pipe would stop the program for good. */
const RESOLVER_FILES = ['/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/netsvc.conf', '/etc/svc.conf'];

/** To be called before anything that makes Node look up a name. */
export async function readyToResolve(host: string): Promise<void> {
  if (process.getBuiltinModule('node:net').isIP(host) !== 0) return;
  for (const path of RESOLVER_FILES) {
    const found = await files.status(path, path);
    if (found !== null && found.kind !== 'file')
      throw new SystemError('error', `${path}: it is not a regular file`, 'ENOTSUP');
  }
}
