import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { reportSchema, type Finding, type Report } from '../../src/report/schema.ts';
import { PROGRAM } from '../program.ts';
import type { Host, Lab } from './lab.ts';

/** Nodes with a real sshd, and a laptop whose key they know. Directories of users and for temporary files are each host's own. */

/** A key pair of ssh's, as text. */
interface KeyPair {
  readonly secret: string;
  readonly known: string;
}

function newKey(): KeyPair {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-key-'));
  const file = join(directory, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', file]);
  const pair = { secret: readFileSync(file, 'utf8'), known: readFileSync(`${file}.pub`, 'utf8') };
  rmSync(directory, { recursive: true });
  return pair;
}

const ROOT = join(import.meta.dirname, '../..');
/** Where programs may write, and where administrators install: empty, and of the host alone. */
const OWN = ['/tmp', '/var/tmp', '/root', '/usr/local/bin'] as const;

/** @param options Of mount. */
async function ownDirectories(host: Host, options = 'mode=1777'): Promise<void> {
  // The tests may themselves be somewhere below.
  await host.sh(`
mkdir /run/lab-sources && mount --bind ${ROOT} /run/lab-sources
for d in ${OWN.join(' ')}; do mount -t tmpfs -o ${options} tmpfs $d; done
chmod 700 /root
[ -e ${ROOT}/package.json ] || { mkdir -p ${ROOT} && mount --move /run/lab-sources ${ROOT}; }
`);
}

/** Everything in them, and every process that came with ssh: what a run must not leave. */
export async function leftOn(host: Host): Promise<string[]> {
  const files = await host.sh(
    `find ${OWN.join(' ')} -xdev -type f ! -path '/root/.ssh/*' ! -path /usr/local/bin/seaworthy`,
  );
  const running = (await host.running()).filter((command) =>
    /seaworthy|sshd: root|listen --stdio|head -c|gzip/.test(command),
  );
  return [...files.split('\n').filter((line) => line !== ''), ...running];
}

/** The program that tests start, under the name that users type. */
function install(host: Host, program: readonly string[]): void {
  host.write('/usr/local/bin/seaworthy', `#!/bin/sh\nexec ${program.join(' ')} "$@"\n`, 0o755);
}

interface Server {
  /** Keys that get in as root. */
  readonly admits: readonly KeyPair[];
  /** Further lines of sshd_config. */
  readonly configuration?: string;
}

const CONFIGURATION = `
HostKey /run/lab-sshd/key
AuthorizedKeysFile /run/lab-sshd/admitted
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
PrintMotd no
`;

/** An sshd on port 22, and its public host key. */
export async function serveSsh(host: Host, { admits, configuration = '' }: Server): Promise<string> {
  const own = newKey();
  host.write('/run/lab-sshd/key', own.secret, 0o600);
  host.write('/run/lab-sshd/admitted', admits.map(({ known }) => known).join(''), 0o600);
  host.write('/run/lab-sshd/config', `${CONFIGURATION}${configuration}\n`);
  await host.sh('mkdir -p /run/sshd');
  const args = [...host.entering.slice(1), '/usr/sbin/sshd', '-D', '-e', '-f', '/run/lab-sshd/config'];
  const child = spawn('nsenter', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill());
  await new Promise<void>((ready, fail) => {
    child.stderr.once('data', () => ready());
    child.once('exit', (code) => fail(new Error(`sshd ended with ${code}`)));
  });
  child.stderr.resume();
  return own.known;
}

/** The machine from which others are reached, with this key and these hosts known by their addresses. */
export async function laptop(host: Host, key: KeyPair, known: ReadonlyMap<string, string>): Promise<Host> {
  await ownDirectories(host);
  await host.sh('mkdir -m 700 /root/.ssh');
  host.write('/root/.ssh/id_ed25519', key.secret, 0o600);
  host.write('/root/.ssh/known_hosts', [...known].map(([name, text]) => `${name} ${text}`).join(''), 0o600);
  return host;
}

interface Cluster {
  readonly key: KeyPair;
  readonly known: Map<string, string>;
  readonly nodes: readonly Host[];
}

/** What is special about a node. */
interface Prepared {
  /** Of mount, for the directories that a node has for temporary files. */
  readonly directories?: string;
  readonly installed?: boolean;
  readonly sshd?: string;
  readonly refuses?: boolean;
}

/** Nodes n1, n2 … at 10.77.0.1 … whose sshd admits one key. */
export async function cluster(lab: Lab, prepared: readonly Prepared[]): Promise<Cluster> {
  const key = newKey();
  const known = new Map<string, string>();
  const nodes: Host[] = [];
  for (const [index, { directories, installed = true, sshd = '', refuses = false }] of prepared.entries()) {
    const address = `10.77.0.${index + 1}`;
    const node = await lab.host(`n${index + 1}`, `${address}/24`);
    await ownDirectories(node, directories);
    if (installed) install(node, PROGRAM);
    known.set(address, await serveSsh(node, { admits: refuses ? [newKey()] : [key], configuration: sshd }));
    nodes.push(node);
  }
  return { key, known, nodes };
}

/** What came of a run over ssh. */
interface Meshed {
  readonly report: Report;
  readonly code: number | null;
  readonly stderr: string;
  readonly ms: number;
}

export async function mesh(own: Host, ...args: readonly string[]): Promise<Meshed> {
  const started = performance.now();
  const { code, stdout, stderr } = await own.cli('mesh', '--ssh', '--json', ...args);
  if (stdout === '') throw new Error(stderr);
  return { report: reportSchema.parse(JSON.parse(stdout)), code, stderr, ms: performance.now() - started };
}

export function findingsOf({ checks }: Report): Finding[] {
  return checks.flatMap(({ findings }) => findings);
}

export const peers = (...names: readonly string[]) => names.flatMap((name) => ['--peer', name]);
