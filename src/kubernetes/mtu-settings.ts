/** Where an add-on is told an MTU. */
export interface MtuSetting {
  /** Goes on after "set". */
  readonly setting: string;
  /** `path`: packets as they leave the node, and the add-on takes its overhead off; `pods`: packets of pods. */
  readonly of: 'path' | 'pods';
}

/** By the name of `--cni`. An add-on that is not there goes by the MTU of the interface, or does not say. */
export const MTU_SETTINGS: Readonly<Record<string, MtuSetting>> = {
  // https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md: “Desired MTU for the outgoing packets”.
  ...byName(['flannel', 'flannel-wireguard'], {
    setting: 'MTU of Backend in net-conf.json (ConfigMap kube-flannel-cfg)',
    of: 'path',
  }),
  // https://docs.tigera.io/calico/latest/networking/configuring/mtu
  ...byName(['calico-vxlan', 'calico-ipip', 'calico-bgp'], {
    setting: 'calicoNetwork.mtu of the Installation, or veth_mtu of the ConfigMap calico-config,',
    of: 'pods',
  }),
  // https://docs.cilium.io/en/stable/helm-reference/: the MTU of the network below.
  ...byName(['cilium-vxlan', 'cilium-geneve', 'cilium-native'], {
    setting: 'the value MTU of Cilium’s Helm chart (mtu of the ConfigMap cilium-config)',
    of: 'path',
  }),
  // https://github.com/antrea-io/antrea/blob/main/build/charts/antrea/conf/antrea-agent.conf
  antrea: { setting: 'defaultMTU in antrea-agent.conf', of: 'pods' },
  // https://github.com/weaveworks/weave/blob/master/site/kubernetes/kube-addon.md
  weave: { setting: 'WEAVE_MTU of the weave-net DaemonSet', of: 'pods' },
};

function byName(names: readonly string[], setting: MtuSetting): Record<string, MtuSetting> {
  return Object.fromEntries(names.map((name) => [name, setting]));
}
