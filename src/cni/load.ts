import type { UnreadWhy } from '../evidence/reading.ts';
import {
  faultOf,
  parseList,
  parsePlugin,
  parseSingle,
  type NetworkList,
  type Parsed,
} from '../kubernetes/cni/config-list.ts';
import { SystemError, type System } from '../system/system.ts';

/** containerd refuses larger ones: MaxFileSize of github.com/containerd/go-cni. */
const MAX_FILE_SIZE = 2 * 1024 * 1024;

/** Nobody has more; a directory of thousands must not hold up a run. */
const MAX_FILES = 64;

/** A file that a runtime considers, with what became of it. */
export type ConfFile = { readonly name: string } & (
  | { readonly state: 'valid'; readonly network: NetworkList; readonly siblings: readonly string[] }
  | { readonly state: 'broken'; readonly problem: string }
  | { readonly state: 'unread'; readonly why: UnreadWhy; readonly detail: string }
);

/** The files of a configuration directory in the order of the runtimes: by the bytes of their names. */
export async function loadConfDir(system: System, directory: string): Promise<ConfFile[]> {
  const names = (await system.listIfThere(directory)).filter((name) => /\.(?:conf|conflist|json)$/.test(name));
  const files = await Promise.all(names.slice(0, MAX_FILES).map((name) => loadFile(system, directory, name)));
  return files.filter((file) => file !== null);
}

async function loadFile(system: System, directory: string, name: string): Promise<ConfFile | null> {
  const path = `${directory}/${name}`;
  try {
    const [status, link] = await Promise.all([system.status(path), isLink(system, path)]);
    // Not a link: a directory is passed over by every runtime, and what is gone was removed since it was listed.
    if (!link && (status === null || status.kind === 'directory')) return null;
    if (status === null) return { name, state: 'broken', problem: 'it is a link to nothing' };
    if (status.kind !== 'file') return { name, state: 'broken', problem: `it is a ${status.kind}` };
    if (status.size > MAX_FILE_SIZE)
      return { name, state: 'broken', problem: `it is larger than ${MAX_FILE_SIZE} bytes` };
    const parsed = await readNetwork(system, directory, name);
    if ('problem' in parsed) return { name, state: 'broken', problem: parsed.problem };
    const { network, siblings } = parsed.value;
    const fault = faultOf(network);
    return fault === null ? { name, state: 'valid', network, siblings } : { name, state: 'broken', problem: fault };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return error.why === 'missing' ? null : { name, state: 'unread', why: error.why, detail: error.message };
  }
}

interface Loaded {
  readonly network: NetworkList;
  /** Files of the directory named like the network that were appended to the chain. */
  readonly siblings: readonly string[];
}

async function readNetwork(system: System, directory: string, name: string): Promise<Parsed<Loaded>> {
  const text = await system.readText(`${directory}/${name}`, MAX_FILE_SIZE);
  const parsed = name.endsWith('.conflist') ? parseList(text) : parseSingle(text);
  if ('problem' in parsed) return parsed;
  const network = parsed.value;
  // A name that is no file name is a fault of its own; it must not lead out of the directory.
  if (network.loadOnlyInlinedPlugins || faultOf(network) !== null) return { value: { network, siblings: [] } };
  const beside = `${directory}/${network.name}`;
  const siblings = (await listIfDirectory(system, beside)).filter((sibling) => sibling.endsWith('.conf'));
  const plugins = [...network.plugins];
  for (const sibling of siblings.slice(0, MAX_FILES)) {
    const plugin = parsePlugin(await system.readText(`${beside}/${sibling}`, MAX_FILE_SIZE));
    if ('problem' in plugin) return { problem: `${network.name}/${sibling}: ${plugin.problem}` };
    plugins.push(plugin.value);
  }
  return plugins.length === 0
    ? { problem: 'it has no plugins' }
    : { value: { network: { ...network, plugins }, siblings } };
}

async function listIfDirectory(system: System, path: string): Promise<string[]> {
  return (await system.status(path))?.kind === 'directory' ? system.list(path) : [];
}

async function isLink(system: System, path: string): Promise<boolean> {
  try {
    await system.readLink(path);
    return true;
  } catch {
    return false;
  }
}
