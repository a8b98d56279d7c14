import { resolve } from 'node:path';
import { PlanError } from './errors.ts';
import { ORIGINS } from './layers.ts';
import type { Plan, Settings } from './settings.ts';

/** Settings that concern each other: the stronger one decides, and of two equals that contradict each other neither. */
export function settle(plan: Plan): Plan {
  const { settings, origins } = plan;
  if (settings.facts.length > 0 && settings.root !== null) {
    throw new PlanError('conflict', '--facts', 'cannot be combined with --root: saved facts stand for the machine');
  }
  if (settings.facts.length > 0 && settings.kubeconfig !== null) {
    throw new PlanError(
      'conflict',
      '--facts',
      'cannot be combined with --kubeconfig: saved facts hold what their cluster told then',
    );
  }
  requireTokenUse(plan);
  const output = outputs(settings);
  const decided = { ...quietOrVerbose(plan), ...etcd(settings), ...monitored(plan), ...named(plan), ...spoken(plan) };
  return { settings: { ...settings, ...decided, output }, origins };
}

/** After so long a monitoring system kills what it started, in milliseconds: check_nrpe's socket timeout, node-problem-detector's default for a plugin. */
const KILLED_AFTER: Readonly<Record<string, number>> = { nagios: 10_000, npd: 5_000 };
const TO_REPORT = 1_000;

/** What is not said is as whoever reads the format expects it: a verdict before the end, and in Nagios warnings count. */
function monitored({ settings: { output }, origins }: Plan): Partial<Settings> {
  const printed = output.find(({ file }) => isStdout(file))?.format ?? '';
  const killed = KILLED_AFTER[printed];
  return {
    ...(killed === undefined || origins.budget !== 'default' ? {} : { budget: killed - TO_REPORT }),
    ...(printed === 'nagios' && origins.failOn === 'default' ? { failOn: 'warn' as const } : {}),
  };
}

function isStdout(file: string | null): boolean {
  return file === null || file === '/dev/stdout';
}

/** Peers are named by an inventory, or one by one. */
function named({ settings: { peers, inventory }, origins }: Plan): Partial<Settings> {
  if (inventory === null || peers.length === 0) return {};
  const order = ORIGINS.indexOf(origins.inventory) - ORIGINS.indexOf(origins.peers);
  if (order === 0) throw new PlanError('conflict', '--inventory', 'cannot be combined with --peer: it names the peers');
  return order > 0 ? { peers: [] } : { inventory: null };
}

/** A peer speaks on a port, or over standard input and output. */
function spoken({ settings: { listen, stdio }, origins }: Plan): Partial<Settings> {
  if (!stdio || listen === null) return {};
  const order = ORIGINS.indexOf(origins.stdio) - ORIGINS.indexOf(origins.listen);
  if (order === 0) throw new PlanError('conflict', '--stdio', 'cannot be combined with --listen: it opens no port');
  return order > 0 ? { listen: null } : { stdio: false };
}

/** A configuration may hold the token's file for other commands; whoever says both in one line means something that is not. */
function requireTokenUse({ settings: { ssh, stdio, tokenFile }, origins }: Plan): void {
  if (tokenFile === null || origins.tokenFile !== 'flag') return;
  const by = ssh && origins.ssh === 'flag' ? '--ssh' : stdio && origins.stdio === 'flag' ? '--stdio' : null;
  if (by !== null)
    throw new PlanError(
      'conflict',
      '--token-file',
      `cannot be combined with ${by}: no port is opened, and no token asked for`,
    );
}

function quietOrVerbose({ settings: { quiet, verbose }, origins }: Plan): Partial<Settings> {
  if (!quiet || !verbose) return {};
  const order = ORIGINS.indexOf(origins.quiet) - ORIGINS.indexOf(origins.verbose);
  if (order === 0) throw new PlanError('conflict', '--quiet', 'cannot be combined with --verbose');
  return order > 0 ? { verbose: false } : { quiet: false };
}

/** Who says `stacked` over a configuration that names another etcd does not mean that one. */
function etcd({ etcd: kind, externalEtcd }: Settings): Partial<Settings> {
  return kind === 'stacked' && externalEtcd !== null ? { externalEtcd: null } : {};
}

function outputs({ output, saveFacts }: Settings): Settings['output'] {
  const once = output.filter(
    (target, index) =>
      index === output.findIndex(({ format, file }) => format === target.format && file === target.file),
  );
  const toStdout = once.filter(({ file }) => isStdout(file)).map(({ format }) => format);
  if (toStdout.length > 1) {
    throw new PlanError(
      'conflict',
      '--output',
      `one report fits on standard output, not ${toStdout.join(' and ')}; give the others a file, as in ${toStdout[1]}=FILE`,
    );
  }
  const files = once.flatMap(({ file }) => (file === null || file === '/dev/null' ? [] : [resolve(file)]));
  const twice = files.find((file, index) => files.indexOf(file) < index);
  if (twice !== undefined) throw new PlanError('conflict', '--output', `two reports cannot go to one file: ${twice}`);
  if (saveFacts !== null && files.includes(resolve(saveFacts))) {
    throw new PlanError('conflict', '--save-facts', 'names the file of an --output; the two need a file each');
  }
  return once;
}
