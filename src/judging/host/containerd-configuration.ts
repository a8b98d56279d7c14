import { CONTAINERD_CRI_PLUGINS } from '../../kubernetes/cri.ts';
import type { RuntimeFact } from './runtime-socket.ts';

export const RESTART_CONTAINERD = 'systemctl restart containerd';

export function criDisabled(containerd: RuntimeFact['containerd']): string[] {
  return (containerd?.disabledPlugins ?? []).filter((plugin) => CONTAINERD_CRI_PLUGINS.includes(plugin));
}

export function criIsDisabled(subject: string, disabled: readonly string[]) {
  const said = disabled.length > 0;
  return {
    subject,
    kubeadm: 'CRI',
    reason: 'cri-disabled' as const,
    message: said
      ? `containerd’s configuration disables its CRI plugin (disabled_plugins holds ${disabled.join(', ')}): the kubelet cannot use it.`
      : 'The runtime answers and does not serve CRI v1: its CRI plugin is disabled or failed to load.',
    expected: 'CRI v1 is served',
    actual: said
      ? `disabled_plugins = [${disabled.map((name) => JSON.stringify(name)).join(', ')}]`
      : 'unknown service runtime.v1.RuntimeService',
    evidence: { disabled },
    remedy: said
      ? {
          text: 'Take the CRI plugin out of disabled_plugins and restart containerd. The packages of Docker disable it; a new default configuration enables it.',
          commands: [
            'cp -p /etc/containerd/config.toml /etc/containerd/config.toml.old',
            'containerd config default > /etc/containerd/config.toml',
            "sed -i 's/SystemdCgroup = false/SystemdCgroup = true/' /etc/containerd/config.toml",
            RESTART_CONTAINERD,
          ],
        }
      : {
          text: 'Look at the log of the runtime: it says why the plugin was not loaded.',
          commands: ['journalctl -u containerd -n 100 --no-pager'],
        },
  };
}

export function configBroken(files: readonly string[]) {
  return {
    subject: files.join(', '),
    kubeadm: 'CRI',
    reason: 'config-broken' as const,
    message: `${files.join(', ')} cannot be parsed: containerd does not start with it.`,
    expected: 'TOML',
    actual: 'no TOML',
    remedy: {
      text: 'Repair the file; containerd itself names the line.',
      commands: ['containerd config dump > /dev/null'],
    },
  };
}
