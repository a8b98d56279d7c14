/** Pods made by the reference plugins in network namespaces made for it: whole commands, beside one ADD and one DEL of the same plugin by hand. */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, MAIN, makeHosts, removeHosts, rounds, run, startIn, timeIn, whyNotHere } from './hosts.ts';
import { median } from './median.ts';

/** By hand and by command in turn, so that what else the machine does slows both. */
const ROUNDS = 15;

/** Where Debian has the reference plugins. */
const PLUGINS = '/usr/lib/cni';

export interface Pods {
  /** Medians, in milliseconds. */
  readonly byHand: number;
  /** The whole command. */
  readonly dryRun: number;
  /** The same command for a check that only reads the configuration of the network: starting, looking at the machine, and the report. */
  readonly reading: number;
  /** By how much a dry run took longer than that in the same round, in times of `byHand`. */
  readonly ratio: number;
  readonly mesh: number;
}

/** Why it cannot be measured here; null when it can. */
export function whyNotPods(): string | null {
  return whyNotHere('ip', 'unshare') ?? (existsSync(`${PLUGINS}/bridge`) ? null : `it needs the plugins of ${PLUGINS}`);
}

export async function pods(): Promise<Pods> {
  const id = randomBytes(3).toString('hex');
  const directory = mkdtempSync(join(tmpdir(), `seaworthy-bench-${id}-`));
  const names = Array.from({ length: 6 }, (_, index) => `swb${id}-${index + 1}`);
  const [network, pod] = [`swb${id}-switch`, `swb${id}-pod`];
  const started: ChildProcess[] = [];
  try {
    const token = join(directory, 'token');
    writeFileSync(token, run(process.execPath, MAIN, 'token'), { mode: 0o600 });
    makeHosts(network, names);
    run('ip', 'netns', 'add', pod);
    const [here = ''] = names;
    const options = names.map((name, index) => configure(join(directory, name), index));
    for (const [index, name] of names.entries()) {
      for (const other of names.keys())
        if (other !== index) run('ip', '-n', name, 'route', 'add', `10.244.${other}.0/24`, 'via', addressOf(other));
    }

    const check = (id: string) =>
      timeIn(here, process.execPath, MAIN, 'check', '--json', '--only', id, ...(options[0] ?? []));
    const times: { byHand: number; dryRun: number; reading: number }[] = [];
    const ratio = rounds(() => {
      const byHand = addAndDelete(here, pod, join(directory, here));
      const [dryRun, reading] = [check('cni/dry-run'), check('cni/config')];
      times.push({ byHand, dryRun, reading });
      return (dryRun - reading) / byHand;
    }, ROUNDS);
    const medianOf = (what: 'byHand' | 'dryRun' | 'reading') => median(times.slice(1).map((each) => each[what]));
    for (const [index, name] of names.entries()) {
      const listen = [MAIN, 'listen', '--pods', 'throw-away', '--token-file', token, ...(options[index] ?? [])];
      started.push(await startIn(name, process.execPath, ...listen));
    }
    const peers = names.flatMap((_, index) => ['--peer', addressOf(index)]);
    const all = ['--only', 'pods/cross-node', '--pods', 'throw-away', '--token-file', token, ...peers];
    return {
      byHand: medianOf('byHand'),
      dryRun: medianOf('dryRun'),
      reading: medianOf('reading'),
      ratio,
      mesh: rounds(() => timeIn(network, process.execPath, MAIN, 'mesh', '--json', ...all), 3),
    };
  } finally {
    await removeHosts([...names, network, pod], started);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A host's own network, as options: the directories of the machine are shared by all hosts. */
function configure(directory: string, index: number): string[] {
  mkdirSync(directory);
  const list = { cniVersion: '1.0.0', name: 'bench', plugins: [bridgeOf(directory, index)] };
  writeFileSync(join(directory, '10-bench.conflist'), JSON.stringify(list));
  return ['--cni-conf-dir', directory, '--cni-bin-dir', PLUGINS];
}

function bridgeOf(directory: string, index: number) {
  const subnet = `10.244.${index}.0/24`;
  const ipam = { type: 'host-local', dataDir: join(directory, 'ipam'), subnet, routes: [{ dst: '0.0.0.0/0' }] };
  return { type: 'bridge', bridge: 'cni0', isGateway: true, ipam };
}

/** Milliseconds of the plugin itself, as a runtime would call it. */
function addAndDelete(host: string, pod: string, directory: string): number {
  const stdin = JSON.stringify({ ...bridgeOf(directory, 0), cniVersion: '1.0.0', name: 'bench' });
  return call('ADD') + call('DEL');

  function call(command: string): number {
    const env = {
      ...process.env,
      CNI_COMMAND: command,
      CNI_CONTAINERID: 'bench',
      CNI_NETNS: `/run/netns/${pod}`,
      CNI_IFNAME: 'eth0',
      CNI_PATH: PLUGINS,
      CNI_ARGS: '',
    };
    const began = performance.now();
    const { status, stdout } = spawnSync('ip', ['netns', 'exec', host, `${PLUGINS}/bridge`], {
      env,
      input: stdin,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stdout);
    return performance.now() - began;
  }
}
