import { DEFAULTS } from './defaults.ts';
import type { Origin, Plan, Settings } from './settings.ts';

/** Settings of one machine, and not of the cluster. */
const OWN = [
  'role',
  'stage',
  'cniConfDir',
  'cniBinDir',
  'criSocket',
  'nodeIp',
  'nodeName',
  'advertiseAddress',
  'etcdDataDir',
  'kubeletConfiguration',
  'join',
] as const satisfies readonly (keyof Settings)[];

/** What of the plan holds for other machines too: what was said of this one is as if nobody had said it. */
export function planOfPeers({ settings, origins }: Plan): Plan {
  const reset = Object.fromEntries(OWN.map((key) => [key, DEFAULTS[key]]));
  const byDefault = Object.fromEntries(OWN.map((key) => [key, 'default' satisfies Origin]));
  return { settings: { ...settings, ...reset }, origins: { ...origins, ...byDefault } };
}
