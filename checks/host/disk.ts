import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import type { Node } from '../../src/engine/node.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { hardThresholds, thresholdAmount, type DiskSignal } from '../../src/kubernetes/eviction.ts';
import { formatBytes } from '../../src/values/quantity.ts';
import { shellQuote } from '../../src/values/shell.ts';

type FileSystem = NonNullable<Facts['disk']['fileSystems']>[number];
type Use = FileSystem['holds'][number]['use'];

const GIB = 1024 ** 3;

/** Of free space, where no threshold of the kubelet says more: images of a control plane and an add-on before they are there, logs, etcd's 2 GiB. */
const LITTLE: Readonly<Record<Use, number>> = { nodefs: GIB, imagefs: 5 * GIB, etcd: 2 * GIB, logs: GIB / 4 };

export default defineCheck({
  id: 'host/disk',
  title: 'the disks that a node fills have enough room',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#hard-eviction-thresholds',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { enough: 'pass', 'too-full': 'fail', 'little-space': 'warn', undecided: 'unknown', 'not-shown': 'skip' },
  needs: ['disk'],
  wants: ['kubeletConfig'],
  judge({ disk: { fileSystems }, kubeletConfig }, { node }) {
    if (fileSystems === null) {
      return [
        {
          subject: 'disks',
          reason: 'not-shown',
          message: 'The disks under a directory are those of this machine, not of the one it stands for.',
        },
      ];
    }
    const thresholds = thresholdsOf(kubeletConfig, node);
    return fileSystems
      .map((fileSystem) => ({
        ...fileSystem,
        holds: fileSystem.holds.filter(({ use }) => use !== 'etcd' || mayRunEtcd(node)),
      }))
      .filter(({ holds }) => holds.length > 0)
      .map((fileSystem) => judgeOne(fileSystem, thresholds, node));
  },
});

interface Thresholds {
  readonly values: Readonly<Record<string, string>>;
  /** False when the kubelet may have others. */
  readonly certain: boolean;
}

/** A node that will join gets the defaults unless its cluster says otherwise. */
function thresholdsOf(reading: Reading<Facts['kubeletConfig']>, { stage }: Node): Thresholds {
  if (stage === 'fresh') return { values: hardThresholds(null), certain: true };
  const config = 'value' in reading ? reading.value : null;
  return { values: hardThresholds(config), certain: config?.present === true };
}

function mayRunEtcd({ roles }: Node): boolean {
  return roles.some((role) => role !== 'worker');
}

function judgeOne(fileSystem: FileSystem, { values, certain }: Thresholds, node: Node) {
  const { mountPoint, available, total, inodes, inodesFree, holds } = fileSystem;
  const paths = holds.map(({ path }) => path).join(', ');
  const found = {
    subject: mountPoint,
    actual: `${formatBytes(available)} of ${formatBytes(total)} free`,
    evidence: { holds, available, total, inodes, inodesFree },
  };
  const crossed = crossedThreshold(fileSystem, values);
  if (crossed !== null) {
    const { signal, threshold } = crossed;
    const what = signal.endsWith('inodesFree') ? `${inodesFree} of ${inodes} inodes free` : found.actual;
    const message = `The file system ${mountPoint}, which holds ${paths}, has ${what}.`;
    if (!certain)
      return {
        ...found,
        reason: 'undecided' as const,
        message: `${message} That is below the kubelet's default of ${signal}<${threshold}, and it could not be read whether this kubelet has another.`,
      };
    return {
      ...found,
      reason: 'too-full' as const,
      message,
      why: 'Below this threshold the kubelet reports DiskPressure: pods are evicted, and no new ones are scheduled.',
      expected: `no less than ${signal}<${threshold}`,
      actual: what,
      remedy: remedyFor(mountPoint),
    };
  }
  const short = holds.find(({ use }) => (node.stage === 'fresh' || use !== 'imagefs') && available < LITTLE[use]);
  if (short !== undefined) {
    return {
      ...found,
      reason: 'little-space' as const,
      message: `The file system ${mountPoint} has ${formatBytes(available)} left for ${short.path}.`,
      why: 'What a node writes there may not fit: images of the control plane and of the network add-on, logs, etcd’s database.',
      expected: `at least ${formatBytes(LITTLE[short.use])} free`,
      remedy: remedyFor(mountPoint),
    };
  }
  return {
    ...found,
    reason: 'enough' as const,
    message: `The file system ${mountPoint} has ${formatBytes(available)} free for ${paths}.`,
  };
}

function crossedThreshold({ holds, available, total, inodes, inodesFree }: FileSystem, values: Thresholds['values']) {
  const amounts: readonly (readonly [DiskSignal, number, number])[] = holds.flatMap(({ use }) =>
    use === 'nodefs' || use === 'imagefs'
      ? [[`${use}.available`, available, total] as const, [`${use}.inodesFree`, inodesFree, inodes] as const]
      : [],
  );
  for (const [signal, free, whole] of amounts) {
    const amount = thresholdAmount(values[signal], whole);
    // A file system that makes inodes as it needs them counts none.
    if (whole > 0 && amount !== null && free < amount) return { signal, threshold: values[signal] ?? '' };
  }
  return null;
}

function remedyFor(mountPoint: string) {
  return {
    text: 'Enlarge the file system, or make room on it; the command lists what fills it. On a node that runs already, crictl rmi --prune removes unused images.',
    commands: [`du -xh --max-depth=3 ${shellQuote(mountPoint)} | sort -h | tail -n 20`],
  };
}
