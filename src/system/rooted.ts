import * as path from 'node:path';
import * as files from './files.ts';
import { holdFile } from './held-file.ts';
import { ifThere } from './live.ts';
import { addressesFromFiles } from './addresses-from-files.ts';
import { codeOf } from './errors.ts';
import { SystemError, type System } from './system.ts';
import type { Network } from './network.ts';
import type { Programs } from './programs.ts';

const MAX_LINKS = 40;
const NAMESPACE = /^\/proc\/\d+\/ns\/\w+$/;

/** A directory that stands for a machine: a mounted disk, a copy, a fixture. Symbolic links in it never lead out of it. */
export function rootedSystem(root: string): System {
  const base = path.resolve(root).replace(/^\/$/, '');
  const at = (inner: string): Promise<string> => pathBelow(root, inner);
  const system: System = {
    live: false,
    native: false,
    privileged: process.geteuid?.() === 0,
    environment: {},
    now: () => Date.now(),
    readText: async (inner, limit) => (await system.readBytes(inner, limit)).toString('utf8'),
    readBytes: async (inner, limit) => files.readBytes(await at(inner), inner, limit),
    readTextIfThere: async (inner, limit) => (await ifThere(system.readText(inner, limit))) ?? null,
    list: async (inner) => files.list(await at(inner), inner),
    listIfThere: async (inner) => (await ifThere(system.list(inner))) ?? [],
    status: async (inner) => {
      const found = await ifThere(at(inner));
      return found === null ? null : files.status(found, inner);
    },
    readLink: async (inner) => files.readLink(base + (await resolveInside(base, inner, false)), inner),
    // The links of /proc to namespaces are no paths: the kernel follows them.
    hold: async (inner) => holdFile(base + (await resolveInside(base, inner, !NAMESPACE.test(inner)))),
    realPath: async (inner) => {
      const found = await resolveInside(base, inner, true);
      if ((await files.status(base + found, inner)) === null)
        throw new SystemError('missing', `${inner}: no such file`, 'ENOENT');
      return found;
    },
    diskSpace: async (inner) => files.diskSpace(await at(inner), inner),
    addresses: () => addressesFromFiles(system),
    programs: noPrograms,
    network: noNetwork,
  };
  return system;
}

/** Where a file of the machine that a directory stands for is found. */
export async function pathBelow(root: string, inner: string): Promise<string> {
  const base = path.resolve(root).replace(/^\/$/, '');
  return base + (await resolveInside(base, inner, true));
}

/** The path without links, below the root: an absolute link starts again at the root, and `..` stops there. */
async function resolveInside(base: string, inner: string, followLast: boolean): Promise<string> {
  let todo = inner.split('/').filter((part) => part !== '');
  let done: string[] = [];
  for (let links = 0; todo.length > 0;) {
    const [part, ...rest] = todo;
    if (part === undefined) break;
    todo = rest;
    if (part === '.') continue;
    if (part === '..') {
      done = done.slice(0, -1);
      continue;
    }
    const target =
      rest.length === 0 && !followLast ? null : await linkTarget(`${base}/${[...done, part].join('/')}`, inner);
    if (target === null) {
      done = [...done, part];
      continue;
    }
    if (++links > MAX_LINKS) throw new SystemError('error', `${inner}: too many symbolic links`, 'ELOOP');
    if (target.startsWith('/')) done = [];
    todo = [...target.split('/').filter((piece) => piece !== ''), ...rest];
  }
  return `/${done.join('/')}`;
}

async function linkTarget(full: string, shown: string): Promise<string | null> {
  try {
    return await files.readLink(full, shown);
  } catch (error) {
    // EINVAL: there, and no link. ENOENT: the read that follows says so itself.
    const code = codeOf(error);
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function refuse(what: string): never {
  throw new SystemError('unsupported', `--root: ${what}`);
}

const noPrograms: Programs = {
  find: async () => refuse('programs of a directory are not run'),
  run: async () => refuse('programs of a directory are not run'),
};

const NO_NETWORK = 'a directory has no network of its own';
const noNetwork: Network = {
  resolve: async () => refuse(NO_NETWORK),
  connect: async () => refuse(NO_NETWORK),
  tlsPeer: async () => refuse(NO_NETWORK),
  http: async () => refuse(NO_NETWORK),
  exchange: async () => refuse(NO_NETWORK),
  tryBind: async () => refuse(NO_NETWORK),
  grpc: async () => refuse(NO_NETWORK),
};
