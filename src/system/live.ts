import * as os from 'node:os';
import * as files from './files.ts';
import { holdFile } from './held-file.ts';
import { liveNetwork } from './live-network.ts';
import { livePrograms } from './live-programs.ts';
import { systemError } from './errors.ts';
import { SystemError, type InterfaceAddress, type System } from './system.ts';

/** This machine. */
export function liveSystem(): System {
  return {
    live: true,
    native: true,
    privileged: process.geteuid?.() === 0,
    environment: process.env,
    now: () => Date.now(),
    readText: async (path, limit) => (await files.readBytes(path, path, limit)).toString('utf8'),
    readBytes: (path, limit) => files.readBytes(path, path, limit),
    readTextIfThere: async (path, limit) =>
      (await ifThere(files.readBytes(path, path, limit)))?.toString('utf8') ?? null,
    list: (path) => files.list(path, path),
    listIfThere: async (path) => (await ifThere(files.list(path, path))) ?? [],
    status: (path) => files.status(path, path),
    readLink: (path) => files.readLink(path, path),
    hold: async (path) => holdFile(path),
    realPath: (path) => files.realPath(path, path),
    diskSpace: (path) => files.diskSpace(path, path),
    addresses: async () => addresses(),
    programs: livePrograms,
    network: liveNetwork,
  };
}

/** Null for what is not there; every other error stays one. */
export async function ifThere<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof SystemError && error.why === 'missing') return null;
    throw error;
  }
}

function addresses(): InterfaceAddress[] {
  try {
    return Object.entries(os.networkInterfaces()).flatMap(([name, list]) =>
      (list ?? []).map(({ address, family, cidr, mac }) => ({
        // An address with a label comes under the label: `eth0:1`.
        name: name.replace(/:.*/, ''),
        address,
        prefix: Number(cidr?.split('/')[1] ?? (family === 'IPv4' ? 32 : 128)),
        family: family === 'IPv4' ? (4 as const) : (6 as const),
        mac,
      })),
    );
  } catch (error) {
    throw systemError(error, 'addresses of interfaces');
  }
}
