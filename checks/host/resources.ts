import type { Node } from '../../src/engine/node.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { MINIMUM_CPUS, MINIMUM_MEMORY_MIB } from '../../src/kubernetes/machine-minimums.ts';

const MIB = 1024 * 1024;

export default defineCheck({
  id: 'host/resources',
  title: 'processors and memory are enough',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#before-you-begin',
  kubeadm: ['NumCPU', 'Mem'],
  stages: ['fresh', 'joined'],
  reasons: {
    enough: 'pass',
    'too-few-cpus': 'fail',
    'too-little-memory': 'fail',
    'below-minimum': 'warn',
    'not-shown': 'skip',
  },
  needs: ['resources'],
  wants: [],
  judge({ resources }, { node }) {
    return [judgeCpus(resources.cpus, node), judgeMemory(resources.memory, node)];
  },
});

function judgeCpus(cpus: number | null, node: Node) {
  const subject = 'processors';
  if (cpus === null) return notShown(subject);
  const found = { subject, actual: String(cpus), evidence: { cpus }, kubeadm: 'NumCPU' };
  // Nobody asks a worker for more than one.
  if (cpus >= MINIMUM_CPUS || !mayBeControlPlane(node))
    return { ...found, reason: 'enough' as const, message: `Programs may use ${count(cpus)}.` };
  const short = {
    ...found,
    message: `Programs may use ${count(cpus)}.`,
    why: 'The control plane’s components starve each other, and kubeadm refuses to install them.',
    expected: `at least ${MINIMUM_CPUS} for a control plane`,
    remedy: { text: `Give the machine at least ${MINIMUM_CPUS} processors.` },
  };
  return node.stage === 'joined'
    ? { ...short, reason: 'below-minimum' as const }
    : { ...short, reason: 'too-few-cpus' as const, onlyFor: 'control-plane' as const };
}

function judgeMemory(memory: number | null, node: Node) {
  const subject = 'memory';
  if (memory === null) return notShown(subject);
  const mebibytes = Math.floor(memory / MIB);
  const found = { subject, actual: `${mebibytes} MiB`, evidence: { memory }, kubeadm: 'Mem' };
  const message = `The machine has ${mebibytes} MiB of memory.`;
  if (mebibytes >= MINIMUM_MEMORY_MIB) return { ...found, reason: 'enough' as const, message };
  const short = {
    ...found,
    message,
    why: 'Little is left for pods beside the kubelet and the container runtime, and kubeadm refuses to install a control plane.',
    expected: `at least ${MINIMUM_MEMORY_MIB} MiB`,
    remedy: { text: 'Give the machine at least 2 GB of memory.' },
  };
  return node.stage === 'fresh' && mayBeControlPlane(node)
    ? { ...short, reason: 'too-little-memory' as const, onlyFor: 'control-plane' as const }
    : { ...short, reason: 'below-minimum' as const };
}

function mayBeControlPlane({ roles }: Node): boolean {
  return roles.includes('control-plane') || roles.includes('any');
}

function count(cpus: number): string {
  return cpus === 1 ? '1 processor' : `${cpus} processors`;
}

function notShown(subject: string) {
  return {
    subject,
    reason: 'not-shown' as const,
    message: `This directory does not show the ${subject} of the machine.`,
  };
}
