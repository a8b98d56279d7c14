/** Arguments of the kubelet that something here judges; no others are kept. */
const JUDGED = [
  'config',
  'root-dir',
  'container-runtime-endpoint',
  'node-ip',
  'hostname-override',
  'fail-swap-on',
  'fail-cgroupv1',
  'cgroup-driver',
  'resolv-conf',
  'protect-kernel-defaults',
  'address',
  'port',
  'healthz-port',
  'healthz-bind-address',
  'read-only-port',
  'pod-manifest-path',
  'eviction-hard',
];

/** They take a value after `=` alone, and are true without one. */
const BOOLEAN = ['fail-swap-on', 'fail-cgroupv1', 'protect-kernel-defaults'];

/** The kubelet's arguments in a file of environment variables for systemd, as kubeadm and the packages write them; a later one wins. */
export function kubeletFlags(environmentFile: string): Record<string, string> {
  const words = environmentFile
    .split('\n')
    .flatMap((line) => /^\s*KUBELET_(?:KUBEADM|EXTRA)_ARGS=(.*)$/.exec(line)?.[1] ?? [])
    .flatMap((value) => value.replaceAll(/["']/g, ' ').split(/\s+/));
  const flags: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const match = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/.exec(word);
    const name = match?.[1];
    if (name === undefined || !JUDGED.includes(name)) continue;
    flags[name] = match?.[2] ?? (BOOLEAN.includes(name) ? 'true' : (words[index + 1] ?? ''));
  }
  return flags;
}
