import type { Node } from '../../engine/node.ts';
import type { Facts } from '../../evidence/facts.ts';
import { kubeletMayLagBy } from '../../kubernetes/version-skew.ts';
import { minorOf, parseVersion, type Version } from '../../values/version.ts';

/** How the kubelet is installed. */
export const INSTALL = 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/';

/** Whether the kubelet is installed, runs, and has a version that fits the cluster. */
export function judgeProgram({ kubelet }: Facts['kubelet'], node: Node, isRunning: boolean) {
  const common = { subject: 'version', kubeadm: 'KubeletVersion' };
  if (kubelet === null)
    return {
      ...common,
      reason: 'not-shown' as const,
      message: 'This directory holds no programs, so it cannot show the kubelet.',
    };
  const { path, version, problem } = kubelet;
  if (path === null && isRunning)
    return {
      ...common,
      reason: 'not-shown' as const,
      message: 'A kubelet runs here, and its program is not on PATH: its version was not asked.',
    };
  if (path === null) {
    return {
      ...common,
      reason: 'missing' as const,
      message: 'The kubelet is not installed: there is none on PATH.',
      why: 'kubeadm ends without it, and nothing would run pods here.',
      expected: 'kubelet on PATH',
      actual: 'not found',
      remedy: {
        text: `Install kubelet and kubeadm of the cluster's version from the package repository of Kubernetes: ${INSTALL}`,
      },
    };
  }
  if (problem?.kind === 'failed') {
    return {
      ...common,
      reason: 'broken' as const,
      message: `The kubelet cannot run: ${problem.detail}.`,
      why: 'kubeadm ends when the kubelet does not tell its version, and nothing would run pods here.',
      expected: 'kubelet --version prints its version',
      actual: problem.detail,
      remedy: { text: `Install the kubelet anew, for this machine's processor: ${INSTALL}` },
    };
  }
  if (problem !== null)
    return {
      ...common,
      reason: 'version-unread' as const,
      message: `The kubelet's version is not known: ${problem.detail}.`,
    };
  const own = version === null ? null : parseVersion(version);
  if (own === null)
    return {
      ...common,
      reason: 'not-shown' as const,
      message: `There is a kubelet at ${path}; programs of a directory are not run.`,
    };
  return judgeSkew(own, wanted(node), path);
}

/** What the kubelet must fit. Null when nothing but itself tells the version of the cluster. */
function wanted({ kubernetesVersion, versionFrom }: Node): Version | null {
  return versionFrom === 'default' || versionFrom === 'kubelet' ? null : parseVersion(kubernetesVersion);
}

function judgeSkew(own: Version, wantedVersion: Version | null, path: string) {
  const text = `${own.major}.${own.minor}.${own.patch}${own.suffix}`;
  const common = { subject: 'version', kubeadm: 'KubeletVersion', actual: text, evidence: { path, version: text } };
  if (wantedVersion === null)
    return {
      ...common,
      reason: 'installed' as const,
      message: `Kubelet ${text} is installed; no version was given to compare it with.`,
    };
  const wantedMinor = minorOf(wantedVersion);
  const lag = (wantedVersion.major - own.major) * 1000 + wantedVersion.minor - own.minor;
  const most = kubeletMayLagBy(wantedVersion);
  const skew = {
    ...common,
    expected: `${wantedMinor}, or up to ${most} minor versions older`,
    message: `Kubelet ${text} is installed, for Kubernetes ${wantedMinor}.`,
    why: 'A kubelet must not be newer than the API server, nor too old to understand it; kubeadm ends.',
    remedy: { text: `Install a kubelet of Kubernetes ${wantedMinor}: ${INSTALL}` },
  };
  if (lag < 0) return { ...skew, reason: 'too-new' as const };
  if (lag > most) return { ...skew, reason: 'too-old' as const };
  return { ...common, reason: 'compatible' as const, message: `Kubelet ${text} fits Kubernetes ${wantedMinor}.` };
}
