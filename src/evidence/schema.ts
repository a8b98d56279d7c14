import type { Settings } from '../plan/settings.ts';
import type { Reading } from './reading.ts';

export const EVIDENCE_SCHEMA = 'seaworthy.facts/v1';

/** The facts of every node of a run: all that a judgement may rest on. */
export interface Evidence {
  readonly schema: typeof EVIDENCE_SCHEMA;
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly nodes: readonly NodeEvidence[];
}

interface NodeEvidence {
  readonly self: boolean;
  /** What the user had said there; saved facts are judged by it unless told otherwise. No secrets. */
  readonly plan: SavedPlan;
  readonly facts: Readonly<Record<string, Reading<unknown>>>;
}

/** The settings that describe a machine and its cluster, and not how to run. */
export type SavedPlan = Partial<Pick<Settings, (typeof SAVED_SETTINGS)[number]>> & {
  /** Only where kubeadm's documents alone told the role: it then yields to what the disk of a joined node tells. */
  readonly roleOrigin?: 'kubeadm configuration';
};

export const SAVED_SETTINGS = [
  'role',
  'stage',
  'kubernetesVersion',
  'cni',
  'podCidr',
  'serviceCidr',
  'nodePortRange',
  'cniConfDir',
  'cniBinDir',
  'criSocket',
  'nodeIp',
  'nodeName',
  'controlPlaneEndpoint',
  'apiServerPort',
  'advertiseAddress',
  'etcd',
  'externalEtcd',
  'etcdDataDir',
  'proxyMode',
  'kubeletConfiguration',
  'join',
] as const satisfies readonly (keyof Settings)[];
