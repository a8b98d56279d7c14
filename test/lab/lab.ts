import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inject, test } from 'vitest';
import { reportSchema, type Report } from '../../src/report/schema.ts';

/**
 * Hosts made of network namespaces. Each has its own interfaces, host name, and a private copy of the directories below, laid over the
 * machine's own; one switch joins them all. Nothing of it outlives the test.
 */

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const OVERLAID = ['/etc', '/opt', '/var/lib', '/run'];

/** A test that needs the lab: skipped with the reason where it cannot be had, and failed there in CI. */
export const labTest = test.extend('lab', async ({ skip }, { onCleanup }) => {
  const missing = inject('labMissing');
  if (missing !== null && process.env['CI'] === 'true') throw new Error(missing);
  if (missing !== null) skip(missing);
  const lab = await createLab();
  onCleanup(() => lab.close());
  return lab;
});

export interface Lab {
  /** A host on the switch with eth0 and these addresses (CIDR), and lo up. */
  host(name: string, ...addresses: string[]): Promise<Host>;
  close(): Promise<void>;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Host {
  readonly name: string;
  readonly namespace: string;
  /** Runs a command in the host; rejects when it fails. */
  sh(script: string): Promise<string>;
  /** Writes a file in the host's own view. */
  write(path: string, text: string, mode?: number): void;
  /** A process of this name that listens, once it does. */
  listen(process: string, port: number, address?: string, protocol?: 'tcp' | 'udp'): Promise<ChildProcess>;
  cli(...args: string[]): Promise<CliResult>;
  /** `check --json` with further arguments: the report, held against its schema. */
  check(...args: string[]): Promise<Report>;
  /** Ruleset, sysctls, interfaces, addresses, routes and sockets, to compare before and after. */
  state(): Promise<string>;
}

export async function createLab(): Promise<Lab> {
  const id = randomBytes(3).toString('hex');
  const directory = mkdtempSync(join(tmpdir(), `seaworthy-lab-${id}-`));
  const namespaces: string[] = [];
  const children: ChildProcess[] = [];
  const addNamespace = async (name: string) => {
    const namespace = `sw${id}-${name}`;
    await run('ip', ['netns', 'add', namespace]);
    namespaces.push(namespace);
    await run('ip', ['-n', namespace, 'link', 'set', 'dev', 'lo', 'up']);
    return namespace;
  };
  const bridge = await addNamespace('switch');
  await run('ip', ['-n', bridge, 'link', 'add', 'br0', 'type', 'bridge']);
  await run('ip', ['-n', bridge, 'link', 'set', 'dev', 'br0', 'up']);

  return {
    host: async (name, ...addresses) => {
      const namespace = await addNamespace(name);
      const port = `p${namespaces.length}`;
      await run('ip', ['-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', bridge]);
      await run('ip', ['-n', bridge, 'link', 'set', 'dev', port, 'master', 'br0', 'up']);
      for (const address of addresses) {
        await run('ip', [
          '-n',
          namespace,
          'address',
          'add',
          address,
          'dev',
          'eth0',
          ...(address.includes(':') ? ['nodad'] : []),
        ]);
      }
      await run('ip', ['-n', namespace, 'link', 'set', 'dev', 'eth0', 'up']);
      return createHost(name, namespace, join(directory, name), children);
    },
    close: async () => {
      for (const child of children) child.kill('SIGKILL');
      for (const namespace of namespaces) await run('ip', ['netns', 'delete', namespace]).catch(() => undefined);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The host's first process: a sysfs of its own (the caller's shows other interfaces), its name, the overlaid directories; the others enter it. */
const FIRST_PROCESS = `
hostname "$HOST_NAME"
mkdir -p "$HOST_DIR/cgroup" && mount --rbind /sys/fs/cgroup "$HOST_DIR/cgroup" && mount -t sysfs sysfs /sys && mount --rbind "$HOST_DIR/cgroup" /sys/fs/cgroup
for d in ${OVERLAID.join(' ')}; do
  mkdir -p "$HOST_DIR/upper$d" "$HOST_DIR/work$d"
  mount -t overlay overlay -o "lowerdir=$d,upperdir=$HOST_DIR/upper$d,workdir=$HOST_DIR/work$d" "$d"
done
echo ready
exec sleep infinity
`;

async function createHost(name: string, namespace: string, directory: string, children: ChildProcess[]): Promise<Host> {
  mkdirSync(directory);
  const env = { ...process.env, HOST_NAME: name, HOST_DIR: directory };
  const first = spawn(
    'nsenter',
    ['--net=/run/netns/' + namespace, 'unshare', '--mount', '--uts', 'sh', '-ec', FIRST_PROCESS],
    {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(first);
  await once(first, `host ${name} did not start`);
  const enter = ['--target', String(first.pid), '--mount', '--uts', '--net', '--'];
  const inside = (args: readonly string[]) => run('nsenter', [...enter, ...args], { maxBuffer: 64 * 1024 * 1024 });
  const host: Host = {
    name,
    namespace,
    sh: async (script) => (await inside(['sh', '-ec', script])).stdout,
    write: (path, text, mode = 0o644) => {
      const file = join(`/proc/${first.pid}/root`, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode });
    },
    listen: async (program, port, address = '0.0.0.0', protocol = 'tcp') => {
      const child = spawn(
        'nsenter',
        [...enter, named(program, directory), '-e', LISTENER, protocol, String(port), address],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      children.push(child);
      await once(child, `${program} did not listen on ${port}`);
      return child;
    },
    cli: async (...args) => {
      const call = inside([process.execPath, join(ROOT, 'dist/main.js'), ...args]);
      return call.then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        (error: { code?: number; stdout?: string; stderr?: string }) => ({
          code: error.code ?? null,
          stdout: error.stdout ?? '',
          stderr: error.stderr ?? '',
        }),
      );
    },
    check: async (...args) => {
      const { stdout, stderr } = await host.cli('check', '--json', ...args);
      if (stdout === '') throw new Error(stderr);
      return reportSchema.parse(JSON.parse(stdout));
    },
    state: () =>
      host.sh(
        'nft list ruleset; sysctl -a 2>/dev/null | grep -E "^net\\.ipv[46]\\.(ip_forward|conf)" | grep -v stable_secret; ip address; ip route; ip -6 route; ss -Htuln',
      ),
  };
  return host;
}

/** Until the process says that it is ready. */
function once(child: ChildProcess, otherwise: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => reject(new Error(otherwise)));
  });
}

const LISTENER = `
const [protocol, port, host] = process.argv.slice(1);
const ready = () => console.log('listening');
if (protocol === 'tcp') require('node:net').createServer((socket) => socket.end()).listen({ port: Number(port), host }, ready);
else require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4').bind({ port: Number(port), address: host }, ready);
`;

/** This interpreter under another name: the kernel then shows that name as the process, as for a real component. */
function named(program: string, directory: string): string {
  const file = join(directory, program);
  if (existsSync(file)) return file;
  try {
    linkSync(process.execPath, file);
  } catch {
    copyFileSync(process.execPath, file);
  }
  return file;
}
