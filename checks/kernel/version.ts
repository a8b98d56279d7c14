import type { Draft } from '../../src/engine/check.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { addOns, type AddOn } from '../../src/kubernetes/add-ons.ts';
import {
  BACKPORTED,
  NFTABLES_KERNEL,
  isKernelFrom,
  isLongTerm,
  kernelRule,
} from '../../src/kubernetes/kernel-versions.ts';
import { parseVersion, type Version } from '../../src/values/version.ts';

const reasons = {
  supported: 'pass',
  'vendor-kernel': 'pass',
  older: 'warn',
  'too-old': 'fail',
  unparsable: 'unknown',
  'not-compared': 'skip',
  'not-shown': 'skip',
} as const;

type Finding = Draft<typeof reasons>;

interface Kernel {
  readonly release: string;
  readonly version: Version;
}

const KUBEADM = 'SystemVerification';

export default defineCheck({
  id: 'kernel/version',
  title: 'the kernel is new enough',
  docs: 'https://kubernetes.io/docs/reference/node/kernel-version-requirements/',
  kubeadm: [KUBEADM],
  stages: ['fresh', 'joined'],
  reasons,
  needs: ['kernel'],
  wants: [],
  judge({ kernel: { release, shown } }, { node, plan }) {
    if (shown === false) return [notShown('kernel')];
    const version = parseVersion(release);
    if (version === null) {
      const message = `The release of the kernel is no version: ${release}.`;
      return [{ subject: 'kernel', reason: 'unparsable', message }];
    }
    const kernel = { release, version };
    // What would have stopped a node that serves already did not stop it: somebody decided otherwise.
    const refusal = node.stage === 'fresh' ? 'too-old' : 'older';
    const kubernetes = node.stage === 'joined' && node.versionFrom === 'default' ? null : node.kubernetesVersion;
    const addOn = plan.cni === null ? undefined : addOns[plan.cni];
    return [
      judgeForKubernetes(kernel, kubernetes, refusal),
      ...(addOn === undefined ? [] : judgeForAddOn(kernel, addOn, refusal)),
      ...(plan.proxyMode === 'nftables' ? judgeForNftables(kernel, refusal) : []),
    ];
  },
});

function judgeForKubernetes(kernel: Kernel, kubernetes: string | null, refusal: 'too-old' | 'older'): Finding {
  const { release, version } = kernel;
  const subject = 'kernel';
  const evidence = { release };
  if (kubernetes === null) {
    const message = `The kernel is ${release}; which version of Kubernetes runs on it does not show (--kubernetes-version).`;
    return { subject, reason: 'not-compared', message, evidence };
  }
  const { oldest, refuses, longTermOnly } = kernelRule(kubernetes);
  if (!isKernelFrom(version, oldest)) {
    return refuses
      ? { ...tooOld(kernel, subject, refusal, `kubeadm of Kubernetes ${kubernetes} demands`, oldest), kubeadm: KUBEADM }
      : { ...tooOld(kernel, subject, 'older', `Kubernetes ${kubernetes} is made for`, oldest), kubeadm: KUBEADM };
  }
  if (longTermOnly && !isLongTerm(version)) {
    const message = `The kernel ${release} is new enough. kubeadm of Kubernetes ${kubernetes} prints a warning, since it is none of the long-term releases: that of a distribution which maintains it is fine.`;
    return { subject, reason: 'vendor-kernel', message, evidence };
  }
  const message = `The kernel ${release} is new enough for Kubernetes ${kubernetes}.`;
  return { subject, reason: 'supported', message, evidence };
}

function judgeForAddOn(kernel: Kernel, { name, title, minimumKernel }: AddOn, refusal: 'too-old' | 'older'): Finding[] {
  if (minimumKernel === null || isKernelFrom(kernel.version, minimumKernel)) return [];
  if (BACKPORTED[title]?.test(kernel.release) === true) return [];
  // Red Hat backports what an old number does not show: only the add-on itself can tell.
  const reason = /\.el\d/.test(kernel.release) ? 'older' : refusal;
  return [tooOld(kernel, name, reason, `the documentation of ${title} names`, minimumKernel)];
}

function judgeForNftables(kernel: Kernel, refusal: 'too-old' | 'older'): Finding[] {
  if (isKernelFrom(kernel.version, NFTABLES_KERNEL)) return [];
  return [tooOld(kernel, 'kube-proxy', refusal, 'kube-proxy in nftables mode demands', NFTABLES_KERNEL)];
}

function tooOld({ release }: Kernel, subject: string, reason: 'too-old' | 'older', who: string, oldest: string) {
  return {
    subject,
    reason,
    message: `The kernel is ${release}; ${who} ${oldest} or later.`,
    expected: `${oldest} or later`,
    actual: release,
    evidence: { release },
    kubeadm: null,
    remedy: { text: 'Upgrade the kernel or the distribution of this machine, and reboot.' },
  } as const;
}
