import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { newToken } from '../../src/peers/token.ts';
import { reportSchema, type Finding, type Report } from '../../src/report/schema.ts';
import { PROGRAM } from '../program.ts';

/**
 * Hosts made of network namespaces. Each has its own interfaces, host name, environment, and a private copy of the directories below, laid
 * over the machine's own; one switch joins them all, and a router may lead to another one. Processes are seen by all of them. Nothing of it
 * outlives the test.
 */

const run = promisify(execFile);
/** On every host: the token that all hosts of a lab share. */
export const TOKEN_FILE = '/etc/seaworthy.token';
const OVERLAID = ['/etc', '/opt', '/var/lib', '/run'];

/** Where the lab and its programs cannot be had a test is skipped with the reason, and failed in CI. */
export function needLab(skip: (reason: string) => never): void {
  const missing = inject('labMissing');
  if (missing !== null && process.env['CI'] === 'true') throw new Error(missing);
  if (missing !== null) skip(missing);
}

export const labTest = test.extend('lab', async ({ skip }, { onCleanup }) => {
  needLab(skip);
  const lab = await createLab();
  onCleanup(() => lab.close());
  return lab;
});

export interface Lab {
  /** A host on the switch with eth0 and these addresses (CIDR), and lo up. */
  host(name: string, ...addresses: string[]): Promise<Host>;
  /** The same on a further switch, to which only routers lead. */
  hostBeyond(name: string, ...addresses: string[]): Promise<Host>;
  /** A host that forwards: eth0 is on the switch, eth1 on the further one. */
  router(name: string, here: string, beyond: string): Promise<Host>;
  close(): Promise<void>;
}

interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process listens, and what it answers over HTTP. */
interface Listener {
  readonly address?: string;
  readonly protocol?: 'tcp' | 'udp';
  /** Of the address `::`: without IPv4. */
  readonly ipv6Only?: boolean;
  readonly status?: number;
  readonly body?: string;
  /** By path, in place of one for all; another path is not found. */
  readonly bodies?: Readonly<Record<string, string>>;
  /** Instead of HTTP: what it says to whoever connects, or answers to any datagram. */
  readonly greeting?: string;
  /** PEM; without it the answer is plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface Host {
  readonly name: string;
  readonly namespace: string;
  /** What stands before a command that is to run in the host. */
  readonly entering: readonly string[];
  /** Runs a command in the host; rejects when it fails. */
  sh(script: string): Promise<string>;
  /** Writes a file in the host's own view. */
  write(path: string, text: string, mode?: number): void;
  /** A further interface on the switch. */
  plug(device: string, ...addresses: string[]): Promise<void>;
  /** A process of this name that listens, once it does. */
  listen(process: string, port: number, listener?: Listener): Promise<ChildProcess>;
  /** `seaworthy listen` with further arguments, once it listens; it is stopped by SIGTERM when the lab is closed. */
  peer(...args: string[]): Promise<ChildProcess>;
  /** The same host, where a further program starts the CLI: `env NAME=value`, `setpriv --reuid=65534 --clear-groups`. */
  via(...command: string[]): Host;
  cli(...args: string[]): Promise<CliResult>;
  /** `check --json` with further arguments: the report, held against its schema. */
  check(...args: string[]): Promise<Report>;
  /** What one check finds; the host is afterwards as it was. */
  findings(check: string, ...args: string[]): Promise<Finding[]>;
  /** Commands of the host's processes, but its first; those inside its pods are among them. */
  running(): Promise<string[]>;
  /** Rules, sysctls, interfaces, addresses, routes, sockets, files and processes, to compare before and after. */
  state(): Promise<string>;
}

/** What is not as it should be. */
export function complaints(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ status }) => status === 'fail' || status === 'warn' || status === 'unknown');
}

export function about(findings: readonly Finding[], subject: string): Finding | undefined {
  return findings.find((finding) => finding.subject === subject);
}

export async function createLab(): Promise<Lab> {
  const id = randomBytes(3).toString('hex');
  const directory = mkdtempSync(join(tmpdir(), `seaworthy-lab-${id}-`));
  // Whatever user a host's program runs as may look for files in it.
  chmodSync(directory, 0o755);
  const namespaces: string[] = [];
  const peers: ChildProcess[] = [];
  const token = newToken();
  const addNamespace = async (name: string) => {
    const namespace = `sw${id}-${name}`;
    await run('ip', ['netns', 'add', namespace]);
    namespaces.push(namespace);
    await ip(namespace, 'link set dev lo up');
    return namespace;
  };
  const bridges = await addNamespace('switch');
  for (const bridge of ['br0', 'br1']) await ip(bridges, `link add ${bridge} up type bridge`);
  let ports = 0;
  const plug = async (namespace: string, device: string, addresses: readonly string[], bridge = 'br0') => {
    const port = `p${ports++}`;
    await ip(namespace, `link add ${device} type veth peer name ${port} netns ${bridges}`);
    await ip(bridges, `link set dev ${port} master ${bridge} up`);
    // Otherwise packets of 64 kB would cross any MTU.
    await withoutOffload(namespace, device);
    await withoutOffload(bridges, port);
    for (const address of addresses)
      await ip(namespace, `address add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`);
    await ip(namespace, `link set dev ${device} up`);
  };

  const addHost = async (bridge: string, name: string, addresses: readonly string[]) => {
    const namespace = await addNamespace(name);
    await plug(namespace, 'eth0', addresses, bridge);
    const host = await createHost(name, namespace, join(directory, name), peers, (device, more) =>
      plug(namespace, device, more),
    );
    host.write(TOKEN_FILE, token, 0o600);
    return host;
  };

  return {
    host: (name, ...addresses) => addHost('br0', name, addresses),
    hostBeyond: (name, ...addresses) => addHost('br1', name, addresses),
    router: async (name, here, beyond) => {
      const router = await addHost('br0', name, [here]);
      await plug(router.namespace, 'eth1', [beyond], 'br1');
      await router.sh('sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
      return router;
    },
    close: async () => {
      await Promise.all(peers.map(stop));
      for (const namespace of namespaces) {
        for (const pid of await processes(namespace)) kill(pid);
        await run('ip', ['netns', 'delete', namespace]);
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function ip(namespace: string, command: string): Promise<void> {
  await run('ip', ['-n', namespace, ...command.split(' ')]);
}

async function withoutOffload(namespace: string, device: string): Promise<void> {
  const features = ['tso', 'gso', 'gro', 'tx'].flatMap((feature) => [feature, 'off']);
  await run('ip', ['netns', 'exec', namespace, 'ethtool', '-K', device, ...features]);
}

/** As whoever runs it would. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

async function processes(namespace: string): Promise<number[]> {
  const { stdout } = await run('ip', ['netns', 'pids', namespace]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Processes that go by the same host name, whatever network they are in. */
function inhabitants(names: string): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.filter((pid) => linkOf(`/proc/${pid}/ns/uts`) === names).map(Number);
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
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

/** What the kernel changes by itself for a while after an interface is up (its state, its link-local address) and counters are left out. */
const STATE = `
nft -s list ruleset
for family in ip ip6; do echo "$family: $(cat /proc/net/\${family}_tables_names 2>/dev/null)"; done
iptables-legacy-save | sed '/^#/d; s/ \\[[0-9:]*\\]$//'
grep -rs . /proc/sys/net/ipv4/ip_* /proc/sys/net/ipv[46]/conf | sort
ip -o link 2>/dev/null | sed -E 's/,?(LOWER_UP|NO-CARRIER|M-DOWN)//g; s/<,/</; s/ state [A-Z]+//'
ip -o address show scope global 2>/dev/null
ip route; ip -6 route | sed /^fe80/d
ss -Htuln | awk '{print $1, $5}' | sort
for pod in /run/netns/cni-*; do
  ! nsenter --net="$pod" true 2>/dev/null || nsenter --net="$pod" sh -c 'ip -o address show scope global; ip route; ip -6 route; ss -Htuan'
done
`;

async function createHost(
  name: string,
  namespace: string,
  directory: string,
  peers: ChildProcess[],
  plug: (device: string, addresses: readonly string[]) => Promise<void>,
): Promise<Host> {
  mkdirSync(directory);
  const env = { PATH: process.env['PATH'] };
  const first = spawn(
    'nsenter',
    [`--net=/run/netns/${namespace}`, 'unshare', '--mount', '--uts', 'sh', '-ec', FIRST_PROCESS],
    {
      env: { ...env, HOST_NAME: name, HOST_DIR: directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(first, `host ${name} did not start`);
  const names = readlinkSync(`/proc/${first.pid}/ns/uts`);
  const enter = ['--target', String(first.pid), '--mount', '--uts', '--net', '--'];
  const inside = (args: readonly string[]) => run('nsenter', [...enter, ...args], { env, maxBuffer: 64 * 1024 * 1024 });

  const startedBy = (command: readonly string[]): Host => {
    const host: Host = {
      name,
      namespace,
      entering: ['nsenter', ...enter, ...command],
      sh: async (script) => (await inside(['sh', '-ec', script])).stdout,
      write: (path, text, mode = 0o644) => {
        const file = join(`/proc/${first.pid}/root`, path);
        mkdirSync(dirname(file), { recursive: true });
        // A link there would lead out of the host.
        rmSync(file, { force: true });
        writeFileSync(file, text);
        chmodSync(file, mode);
      },
      plug: (device, ...addresses) => plug(device, addresses),
      listen: async (program, port, listener = {}) => {
        // This interpreter under another name: the kernel then shows that name as the process, as for a real component.
        const executable = `/run/programs/${program}`;
        await host.sh(
          `[ -e ${executable} ] || { mkdir -p /run/programs; touch ${executable}; mount --bind ${process.execPath} ${executable}; }`,
        );
        const child = spawn('nsenter', [...enter, executable, '-e', LISTENER], {
          env: { ...env, LISTENER: JSON.stringify({ port, ...listener }) },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await once(child, `${program} did not listen on ${port}`);
        return child;
      },
      peer: async (...args) => {
        const listen = [...PROGRAM, 'listen', '--token-file', TOKEN_FILE, ...args];
        const child = spawn('nsenter', [...enter, ...command, ...listen], {
          env,
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        peers.push(child);
        let said = '';
        child.stderr.on('data', (text: Buffer) => (said += text.toString()));
        await once(child, `${name} did not become a peer`);
        if (!said.includes('listening on')) throw new Error(said);
        return child;
      },
      via: (...starter) => startedBy([...command, ...starter]),
      cli: (...args) =>
        inside([...command, ...PROGRAM, ...args]).then(
          ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
          (error: { code?: number; stdout?: string; stderr?: string }) => ({
            code: error.code ?? null,
            stdout: error.stdout ?? '',
            stderr: error.stderr ?? '',
          }),
        ),
      check: async (...args) => {
        const { stdout, stderr } = await host.cli('check', '--json', ...args);
        if (stdout === '') throw new Error(stderr);
        return reportSchema.parse(JSON.parse(stdout));
      },
      findings: async (check, ...args) => {
        const before = await host.state();
        const { checks } = await host.check('--only', check, ...args);
        expect(await host.state()).toBe(before);
        return checks.flatMap(({ findings }) => findings);
      },
      running: async () => {
        const others = [...(await processes(namespace)), ...inhabitants(names)].filter((pid) => pid !== first.pid);
        return [...new Set(others)].flatMap((pid) => commandOf(pid) ?? []).sort();
      },
      state: async () => {
        const files = `find ${directory}/upper -type f -printf '%P %s %m %T@\\n' | sort`;
        return [await host.sh(`${STATE}\n${files}`), ...(await host.running())].join('\n');
      },
    };
    return host;
  };
  return startedBy([]);
}

function commandOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return null;
  }
}

/** Until the process says that it is ready. */
function once(child: ChildProcess, otherwise: string): Promise<void> {
  return new Promise((resolve, reject) => {
    (child.stdout ?? child.stderr)?.once('data', () => resolve());
    child.once('exit', () => reject(new Error(otherwise)));
  });
}

const LISTENER = `
const { port, address = '0.0.0.0', protocol = 'tcp', ipv6Only = false, status = 200, body = 'ok', bodies, greeting, tls } = JSON.parse(process.env.LISTENER);
// Node names its thread otherwise; what the kernel keeps of a program's name is cut at 15 characters.
require('node:fs').writeFileSync('/proc/self/comm', require('node:path').basename(process.execPath).slice(0, 15));
const ready = () => console.log('listening');
const answer = (request, response) => {
  const text = bodies === undefined ? body : bodies[request.url.split('?')[0]];
  response.writeHead(text === undefined ? 404 : status).end(text);
};
if (protocol === 'udp') {
  const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4').bind({ port, address }, ready);
  if (greeting !== undefined) socket.on('message', (_, remote) => socket.send(greeting, remote.port, remote.address));
} else if (greeting !== undefined) require('node:net').createServer((socket) => socket.on('error', () => {}).end(greeting)).listen({ port, host: address }, ready);
else (tls ? require('node:https').createServer(tls, answer) : require('node:http').createServer(answer)).listen({ port, host: address, ipv6Only }, ready);
`;
