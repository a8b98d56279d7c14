import type { NetworkList } from '../kubernetes/cni/config-list.ts';

/** What containerd runs for `lo` of every pod, unless it sets loopback up itself: cni.WithLoNetwork of github.com/containerd/go-cni. */
export const LOOPBACK_NETWORK: NetworkList = {
  name: 'cni-loopback',
  cniVersion: '0.3.1',
  cniVersions: null,
  version: '0.3.1',
  disableCheck: false,
  disableGC: false,
  loadOnlyInlinedPlugins: true,
  plugins: [{ type: 'loopback', ipamType: null, capabilities: [], raw: { type: 'loopback' } }],
};
