import type { ChildProcess } from 'node:child_process';
import { complaints, TOKEN_FILE, type Host } from '../lab/lab.ts';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import type { Node, ThreeNodes } from './three-nodes.ts';

/** What a node's peer is started by, where that is not the node itself: by name. */
type Starters = Readonly<Record<string, readonly string[]>>;

/** What is true of these nodes alone: kubeadm 1.20 wants crictl, as host/commands says, and Debian 12 has none. */
export const ABOUT = ['--kubernetes-version', '1.20', '--skip', 'host/commands'] as const;

/** A run of `mesh` over all nodes, each with its own checks and its existing pods, from a machine that takes no part. */
export async function meshOf({ nodes }: ThreeNodes, from: Host, starters: Starters = {}): Promise<Report> {
  const peers = await Promise.all(nodes.map((node) => listen(node, starters[node.host.name] ?? [])));
  try {
    const named = nodes.flatMap(({ host }) => ['--peer', `10.78.0.${host.name.slice(1)}`]);
    const options = [...ABOUT, '--pods', 'existing', '--token-file', TOKEN_FILE];
    const { stdout, stderr } = await from.cli('mesh', '--json', ...options, ...named);
    if (stdout === '') throw new Error(stderr);
    return reportSchema.parse(JSON.parse(stdout));
  } finally {
    await Promise.all(peers.map(end));
  }
}

function listen({ host, address }: Node, starter: readonly string[]): Promise<ChildProcess> {
  return host.via(...starter).peer('--node-ip', address, '--pods', 'existing');
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

/** One line for each thing that is not as it should be, each once: check, nodes, status and reason. */
export function told({ checks }: Report): string[] {
  const lines = complaints(checks.flatMap(({ findings }) => findings)).map(
    ({ check, nodes, status, reason }) => `${check} ${nodes.join('→')} ${status} ${reason}`,
  );
  return [...new Set(lines)].sort();
}
