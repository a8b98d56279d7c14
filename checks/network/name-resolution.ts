import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import type { Draft } from '../../src/engine/check.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { kubeletConfiguration } from '../../src/judging/host/kubelet-configuration.ts';
import { valueOf } from '../../src/judging/reading.ts';
import { isLoopback, parseIp } from '../../src/values/ip.ts';
import { shellQuote } from '../../src/values/shell.ts';

const reasons = {
  resolved: 'pass',
  'debian-address': 'pass',
  'loopback-address': 'warn',
  'not-observed': 'skip',
  'resolver-reachable': 'pass',
  'no-resolver': 'skip',
  unresolved: 'warn',
  'resolver-loop': 'warn',
} as const;

type Resolver = Facts['resolver'];

export default defineCheck({
  id: 'network/name-resolution',
  title: 'the node’s name resolves, and pods get a resolver that works',
  docs: 'https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/#known-issues',
  kubeadm: ['Hostname'],
  stages: ['fresh', 'joined'],
  reasons,
  needs: ['resolver'],
  wants: ['kubeletConfig'],
  judge({ resolver, kubeletConfig }, context) {
    return [judgeName(resolver), judgeResolver(resolver, kubeletConfiguration(kubeletConfig, context))];
  },
});

function judgeName({ name, resolution, hosts }: Resolver): Draft<typeof reasons> {
  const subject = name === '' ? 'hostname' : name;
  const addresses = resolution !== null && 'addresses' in resolution ? resolution.addresses : hosts;
  const evidence = { addresses, hosts };
  if (addresses.length > 0) {
    const isLocal = addresses.every((address) => {
      const ip = parseIp(address);
      return ip !== null && isLoopback(ip);
    });
    // Debian's installer and cloud-init write 127.0.1.1; 127.0.0.1 is what makes programs that register by name register nothing.
    if (isLocal && addresses.every((address) => address === '127.0.1.1' || address === '::1')) {
      const message = `${name} resolves to ${addresses.join(', ')}, as Debian has it; kubelet passes over that and takes the address of the default route.`;
      return { subject, reason: 'debian-address', message, evidence };
    }
    return isLocal
      ? {
          subject,
          reason: 'loopback-address',
          message: `${name} resolves to ${addresses.join(', ')} alone.`,
          why: 'kubelet passes over it and takes the address of the default route, but what looks the node up by its name reaches itself.',
          expected: 'an address that other nodes reach, or none in /etc/hosts but 127.0.1.1',
          actual: addresses.join(', '),
          evidence,
          remedy: {
            text: `Take ${name} off the loopback lines of /etc/hosts and give it a line with an address of this node.`,
          },
        }
      : { subject, reason: 'resolved', message: `${name} resolves to ${addresses.join(', ')}.`, evidence };
  }
  if (resolution === null) {
    return {
      subject,
      reason: 'not-observed',
      message:
        name === ''
          ? 'Nothing in this directory tells the name of the machine.'
          : `/etc/hosts does not name ${name}, and the resolver of a machine that does not run cannot be asked.`,
      evidence,
    };
  }
  const error = 'error' in resolution ? resolution.error : 'no address';
  return {
    subject,
    reason: 'unresolved',
    kubeadm: 'Hostname',
    message: `The name of this node, ${name}, does not resolve.`,
    why: 'kubeadm and kubelet look it up and wait for each lookup to time out; programs that need it fail.',
    expected: 'an address',
    actual: error === 'ETIMEDOUT' || error === 'timeout' ? 'no answer in time' : error,
    evidence: { ...evidence, error },
    remedy: {
      text: 'Name this machine in /etc/hosts or in the DNS.',
      commands: [`printf '\\n127.0.1.1 %s\\n' ${shellQuote(name)} >> /etc/hosts`],
    },
  };
}

const SYSTEMD_RESOLV_CONF = '/run/systemd/resolve/resolv.conf';

/** kubelet hands its resolvConf to CoreDNS: a loopback address in there is CoreDNS itself. */
function judgeResolver(resolver: Resolver, kubeletConfig: Reading<Facts['kubeletConfig']>): Draft<typeof reasons> {
  const known = valueOf(kubeletConfig);
  const config = known?.present === true ? known : null;
  const said = config?.flags['resolv-conf'] ?? known?.resolvConf ?? null;
  // kubeadm names systemd-resolved's own file to kubelet where that runs; an older configuration does without.
  const byKubeadm = config === null && resolver.resolvedActive ? SYSTEMD_RESOLV_CONF : '/etc/resolv.conf';
  const path = said ?? byKubeadm;
  const file = path === '' ? undefined : resolver.files[path];
  const loops = (file?.nameservers ?? []).filter((address) => {
    const ip = parseIp(address);
    return ip !== null && isLoopback(ip);
  });
  if (path === '' || file === undefined || file.nameservers.length === 0) {
    return {
      subject: path === '' ? 'resolvConf' : path,
      reason: 'no-resolver',
      message:
        path === ''
          ? 'Kubelet is told to give pods no resolver of the node.'
          : `${path} was not read or names no server: pods get no resolver of the node from it.`,
    };
  }
  if (loops.length === 0) {
    return {
      subject: path,
      reason: 'resolver-reachable',
      message: `Pods that use the resolver of the node get ${file.nameservers.join(', ')}.`,
      evidence: { file: path, ...file },
    };
  }
  return {
    subject: path,
    reason: 'resolver-loop',
    kubeadm: null,
    message: `${path} names ${loops.join(', ')}: inside a pod that is the pod itself.`,
    why: 'CoreDNS forwards to the servers of this file; it would ask itself, notice the loop and end.',
    expected: 'servers that pods can reach',
    actual: loops.join(', '),
    evidence: { file: path, ...file, resolvedActive: resolver.resolvedActive },
    remedy: {
      text: 'Write the true servers into a file of their own and name it as resolvConf in kubelet’s configuration; with systemd-resolved it exists: /run/systemd/resolve/resolv.conf.',
      commands:
        config !== null && SYSTEMD_RESOLV_CONF in resolver.files
          ? [
              `sed -i '/^resolvConf:/d' /var/lib/kubelet/config.yaml && printf '\\nresolvConf: ${SYSTEMD_RESOLV_CONF}\\n' >> /var/lib/kubelet/config.yaml && systemctl restart kubelet`,
            ]
          : [],
    },
  };
}
