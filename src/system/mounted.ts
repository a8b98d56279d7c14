import * as files from './files.ts';
import { liveNetwork } from './live-network.ts';
import { livePrograms } from './live-programs.ts';
import { liveSystem } from './live.ts';
import type { Network } from './network.ts';
import { pathBelow, rootedSystem } from './rooted.ts';
import { SystemError, type System } from './system.ts';

/**
 * What /proc shows of whoever reads it, where the machine's own is wanted: the first process of all has it. The network is that of the machine already,
 * and descriptors and limits are those of this process.
 */
const OF_THE_FIRST: Readonly<Record<string, string>> = {
  '/proc/mounts': '/proc/1/mounts',
  '/proc/self/mountinfo': '/proc/1/mountinfo',
  '/proc/self/status': '/proc/1/status',
  '/proc/self/cgroup': '/proc/1/cgroup',
  '/proc/self/ns/pid': '/proc/1/ns/pid',
};

/** This machine, as a container of it sees it that has its network: its files are below a directory, its programs and its resolver are out of reach. */
export function mountedSystem(root: string): System {
  const [here, below] = [liveSystem(), rootedSystem(root)];
  const of = (path: string) => OF_THE_FIRST[path] ?? path;
  return {
    ...below,
    live: true,
    readText: (path, limit) => below.readText(of(path), limit),
    readBytes: (path, limit) => below.readBytes(of(path), limit),
    readTextIfThere: (path, limit) => below.readTextIfThere(of(path), limit),
    readLink: (path) => below.readLink(of(path)),
    addresses: () => here.addresses(),
    programs: livePrograms,
    network: networkFrom(root),
  };
}

/** Sockets of this process, which has the network of the machine; those of files are below the directory. */
function networkFrom(root: string): Network {
  return {
    ...liveNetwork,
    grpc: async (path, method, request, signal) =>
      liveNetwork.grpc(await pathBelow(root, path), method, request, signal),
    resolve: async (host, signal) => {
      try {
        return await liveNetwork.resolve(host, signal);
      } catch (error) {
        if (!(error instanceof SystemError) || error.why === 'timeout') throw error;
        // /etc/hosts, nsswitch.conf and the modules that it names are those of the container.
        throw new SystemError('unsupported', `${host}: its address is not known in this container`, error.code, error);
      }
    },
  };
}

/** What a directory stands for. */
export type Standing =
  /** A disk, a copy, a fixture. */
  | 'files'
  /** The machine that this process runs on, whose network it has. */
  | 'this machine'
  /** The same, and this process has another network: what it would read and send is not the machine's. */
  | 'another network';

/** Told by the kernel: a /proc that is one, and the number of a file that each network has once and all of its processes see. */
export async function standingOf(root: string): Promise<Standing> {
  if (!(await files.isKernelsProc(await pathBelow(root, '/proc')))) return 'files';
  const below = rootedSystem(root);
  const [first, own] = await Promise.all([below.status('/proc/1/net/dev'), liveSystem().status('/proc/self/net/dev')]);
  return first !== null && first.inode === own?.inode ? 'this machine' : 'another network';
}
