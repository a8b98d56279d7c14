import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A machine as files: text, a link, a directory, an executable, or a socket that nobody answers. */
export type Entry =
  | string
  | { readonly link: string }
  | { readonly directory: true }
  | { readonly executable: string }
  | { readonly socket: true };
export type Files = Readonly<Record<string, Entry>>;

/** Writes a machine into a new directory, calls with its path, and removes it. */
export async function withDirectory<T>(files: Files, work: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'seaworthy-host-'));
  try {
    for (const [path, entry] of Object.entries(files)) await put(join(root, path), entry);
    return await work(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function put(path: string, entry: Entry): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof entry === 'string') writeFileSync(path, entry);
  else if ('link' in entry) symlinkSync(entry.link, path);
  else if ('directory' in entry) mkdirSync(path, { recursive: true });
  else if ('socket' in entry) await leaveSocket(path);
  else {
    writeFileSync(path, entry.executable);
    chmodSync(path, 0o755);
  }
}

/** A server removes its socket when it closes, and does not know of a second name. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer();
  const short = join(tmpdir(), `sw-${process.pid}-${Math.random().toString(36).slice(2)}`);
  await new Promise<void>((done) => server.listen(short, done));
  linkSync(short, path);
  await new Promise((done) => server.close(done));
}

/** A recorded node (test/hosts/recorded/README.md) with its listings turned back into links. */
export function recorded(name: string): Files {
  const base = join(import.meta.dirname, 'recorded', name);
  const paths = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files: Record<string, Entry> = {};
  for (const { parentPath, name: file } of paths) {
    const path = join(parentPath, file).slice(base.length);
    Object.assign(files, restored(path, readFileSync(join(parentPath, file), 'utf8')));
  }
  return files;
}

function restored(path: string, text: string): Files {
  const parent = dirname(path);
  if (path.endsWith('/fd.sockets')) {
    const rows = text.split('\n').filter((row) => row !== '');
    return Object.fromEntries(
      rows.map((row) => row.split(' ')).map(([fd, link]) => [`${parent}/fd/${fd}`, { link: link ?? '' }]),
    );
  }
  if (path.endsWith('/exe.name')) return { [`${parent}/exe`]: { link: `/usr/bin/${text.trim()}` } };
  if (path.endsWith('/master.name')) return { [`${parent}/master`]: { link: `../${text.trim()}` } };
  if (path.endsWith('/ls-opt-cni-bin.txt')) {
    const names = text
      .split('\n')
      .filter((row) => row.startsWith('-rwx'))
      .map((row) => row.split(/\s+/).at(-1));
    return Object.fromEntries(names.map((plugin) => [`/opt/cni/bin/${plugin}`, { executable: '' }]));
  }
  // The recorded nodes had their runtime's socket, which a copy of files cannot hold.
  if (path === '/proc/swaps') return { [path]: text, '/run/containerd/containerd.sock': { socket: true } };
  return path.startsWith('/commands/') ? {} : { [path]: text };
}
