import type { Facts } from '../../src/evidence/facts.ts';
import { judgeWinner } from '../../src/judging/cni/winning-network.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { DEFAULT_CNI_CONF_DIR } from '../../src/kubernetes/cni.ts';
import { shellQuote } from '../../src/values/shell.ts';

type Files = Facts['cniFiles'];

export default defineCheck({
  id: 'cni/config',
  title: 'the runtime finds one network, and its file is good',
  docs: 'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    valid: 'pass',
    'not-installed': 'pass',
    missing: 'fail',
    'no-network': 'warn',
    broken: 'fail',
    'sorts-first-broken': 'fail',
    'broken-passed-over': 'warn',
    several: 'warn',
    leftover: 'warn',
    'runtime-looks-elsewhere': 'warn',
    unreadable: 'unknown',
    'not-copied': 'skip',
  },
  needs: ['cniFiles'],
  wants: ['cniPlugins'],
  judge({ cniFiles, cniPlugins }, { node, plan }) {
    const { directory, files } = cniFiles;
    const joined = node.stage === 'joined';
    const choice = skipsBroken(cniFiles) ? cniFiles.choices.crio : cniFiles.choices.containerd;
    const live = 'value' in cniPlugins ? cniPlugins.value.live : true;
    const elsewhere = runtimeElsewhere(
      cniFiles,
      plan.cniConfDir ?? DEFAULT_CNI_CONF_DIR,
      joined && choice.outcome === 'wins' && directory === cniFiles.runtimeDirectory,
    );
    if (choice.outcome === 'none') return [...elsewhere, noNetwork(cniFiles, joined, plan.cni, live)];
    if (choice.outcome === 'broken') return [...elsewhere, broken(cniFiles, choice.file ?? '')];
    const file = files.find(({ name }) => name === choice.file);
    if (choice.outcome === 'wins' && file !== undefined)
      return [...elsewhere, ...judgeWinner(cniFiles, file, plan.cni, joined)];
    return [
      ...elsewhere,
      {
        subject: `${directory}/${choice.file}`,
        reason: 'unreadable',
        message: `${choice.file} decides which network the runtime takes, and could not be read (${file?.problem ?? 'it is gone'}).`,
      },
    ];
  },
});

/** CRI-O and cri-dockerd pass over a broken file; containerd, and so a node whose runtime is not known yet, does not. */
function skipsBroken({ runtime }: Files): boolean {
  return runtime === 'cri-o' || runtime === 'cri-dockerd';
}

function noNetwork({ directory, present, files }: Files, joined: boolean, cni: string | null, live: boolean) {
  const state =
    files.length > 0 ? 'holds no network of the configured name' : present ? 'holds no network' : 'does not exist';
  if (!live && !present) {
    return {
      subject: directory,
      reason: 'not-copied' as const,
      message: `The directory that stands for this machine has no ${directory}.`,
    };
  }
  if (!joined || cni === 'none') {
    return {
      subject: directory,
      reason: 'not-installed' as const,
      message: `${directory} ${state}, which is normal before a network add-on is installed: its installer writes the file.`,
    };
  }
  const absent = {
    subject: directory,
    expected: 'a .conflist of the network add-on',
    actual: 'none',
    remedy: {
      text: 'Install a network add-on in the cluster, or look at the log of its pod on this node: its installer writes the file.',
    },
  };
  // Every control plane is in this state right after kubeadm init: without a name nobody says that an add-on should be there.
  return cni === null
    ? {
        ...absent,
        reason: 'no-network' as const,
        message: `${directory} ${state}: until a network add-on is installed the node stays NotReady.`,
      }
    : {
        ...absent,
        reason: 'missing' as const,
        message: `${directory} ${state}, and ${cni} should have written one: the node stays NotReady.`,
      };
}

function broken(cniFiles: Files, name: string) {
  const { directory, files } = cniFiles;
  const path = `${directory}/${name}`;
  const problem = files.find((file) => file.name === name)?.problem ?? 'it is broken';
  const good = files.find(({ state }) => state === 'valid');
  const shared = {
    subject: path,
    expected: 'a network configuration',
    actual: problem,
    evidence: { file: name, problem },
    remedy: {
      text: 'Move the file out of the directory, or repair it; a network add-on writes its own file again.',
      commands: [`mv ${shellQuote(path)} ${shellQuote(`${path}.broken`)}`],
    },
  };
  return good === undefined || skipsBroken(cniFiles)
    ? {
        ...shared,
        reason: 'broken' as const,
        message: `${name} cannot be used: ${problem}. The runtime has no other network, and the node stays NotReady.`,
      }
    : {
        ...shared,
        reason: 'sorts-first-broken' as const,
        message: `${name} cannot be used: ${problem}. It sorts before ${good.name}, and containerd gives up at it: the node stays NotReady although ${good.name} is good.`,
      };
}

/** Add-ons write where the plan says; the runtime reads where its own configuration says. */
function runtimeElsewhere({ runtime, runtimeDirectory }: Files, planned: string, works: boolean) {
  if (runtimeDirectory === null || runtimeDirectory === planned || works) return [];
  return [
    {
      subject: planned,
      reason: 'runtime-looks-elsewhere' as const,
      message: `${runtime ?? 'The runtime'} reads networks from ${runtimeDirectory}, and network add-ons write them to ${planned}.`,
      why: 'The node stays NotReady although the add-on has written its file.',
      expected: planned,
      actual: runtimeDirectory,
      remedy: {
        text: `Let the runtime's configuration name ${planned} and restart it; or name the directory with --cni-conf-dir if the add-on is configured to use it.`,
      },
    },
  ];
}
