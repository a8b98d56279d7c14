import * as z from 'zod';
import { parseCidr } from '../values/cidr.ts';
import { parseIp } from '../values/ip.ts';
import { parseVersion } from '../values/version.ts';
import { externalEtcdHelp, kubeletConfigurationHelp } from './nested-settings.ts';
import { OPTIONS } from './options/options.ts';
import type { Settings } from './settings.ts';

let made: ReturnType<typeof makeSchema> | null = null;

/** What saved evidence may say of a machine and its cluster; a key that this version does not know is dropped. */
export function savedPlanSchema() {
  return (made ??= makeSchema());
}

function makeSchema() {
  const cidr = z.string().refine((text) => parseCidr(text) !== null, 'it is no network');
  const ip = z.string().refine((text) => parseIp(text) !== null, 'it is no address');
  const port = z.int().min(1).max(65_535);
  const path = z.string().regex(/^\//);
  return z.object({
    role: z
      .array(z.enum(['control-plane', 'worker', 'etcd']))
      .exactOptional()
      .describe(helpOf('role')),
    roleOrigin: z
      .literal('kubeadm configuration')
      .exactOptional()
      .describe("kubeadm's documents alone told the role: it yields to what the disk of a joined node tells"),
    stage: z.enum(['fresh', 'joined']).nullable().exactOptional().describe(helpOf('stage')),
    kubernetesVersion: z
      .string()
      .refine((text) => parseVersion(text) !== null, 'it is no version')
      .exactOptional()
      .describe(helpOf('kubernetesVersion')),
    cni: z.string().nullable().exactOptional().describe(helpOf('cni')),
    podCidr: z.array(cidr).exactOptional().describe(helpOf('podCidr')),
    serviceCidr: z.array(cidr).exactOptional().describe(helpOf('serviceCidr')),
    nodePortRange: z
      .object({ first: port.describe('the lowest'), last: port.describe('the highest') })
      .refine(({ first, last }) => first <= last, 'it is reversed')
      .exactOptional()
      .describe(helpOf('nodePortRange')),
    cniConfDir: path.exactOptional().describe(helpOf('cniConfDir')),
    cniBinDir: path.exactOptional().describe(helpOf('cniBinDir')),
    criSocket: z.string().nullable().exactOptional().describe(helpOf('criSocket')),
    nodeIp: z.array(ip).exactOptional().describe(helpOf('nodeIp')),
    nodeName: z.string().nullable().exactOptional().describe(helpOf('nodeName')),
    controlPlaneEndpoint: z.string().nullable().exactOptional().describe(helpOf('controlPlaneEndpoint')),
    apiServerPort: port.exactOptional().describe(helpOf('apiServerPort')),
    advertiseAddress: ip.nullable().exactOptional().describe(helpOf('advertiseAddress')),
    etcd: z.enum(['stacked', 'external']).exactOptional().describe(helpOf('etcd')),
    externalEtcd: z
      .object({
        endpoints: z.array(z.string()).describe(externalEtcdHelp.endpoints),
        caFile: z.string().nullable().describe(externalEtcdHelp.caFile),
        certFile: z.string().nullable().describe(externalEtcdHelp.certFile),
        keyFile: z.string().nullable().describe(externalEtcdHelp.keyFile),
      })
      .nullable()
      .exactOptional()
      .describe(externalEtcdHelp.all),
    etcdDataDir: path.exactOptional().describe(helpOf('etcdDataDir')),
    proxyMode: z.enum(['iptables', 'ipvs', 'nftables']).nullable().exactOptional().describe(helpOf('proxyMode')),
    kubeletConfiguration: z
      .object({
        failSwapOn: z.boolean().nullable().describe(kubeletConfigurationHelp.failSwapOn),
        cgroupDriver: z.string().nullable().describe(kubeletConfigurationHelp.cgroupDriver),
        failCgroupV1: z.boolean().nullable().describe(kubeletConfigurationHelp.failCgroupV1),
        resolvConf: z.string().nullable().describe(kubeletConfigurationHelp.resolvConf),
      })
      .nullable()
      .exactOptional()
      .describe(kubeletConfigurationHelp.all),
    join: z
      .object({
        endpoint: z.string().describe('HOST:PORT of the API server'),
        token: z.null().describe('never saved'),
        caCertHashes: z
          .array(z.string())
          .describe('those that its authority may have, as --discovery-token-ca-cert-hash gives them'),
        unsafeSkipCaVerification: z.boolean().describe('it is joined whatever its authority is'),
        controlPlane: z.boolean().describe('it joins as a control plane'),
      })
      .nullable()
      .exactOptional()
      .describe(helpOf('join')),
    kubeconfig: z.string().nullable().exactOptional().describe(helpOf('kubeconfig')),
    pods: z.enum(['throw-away', 'existing']).nullable().exactOptional().describe(helpOf('pods')),
  });
}

/** In the words of the option that sets it. */
function helpOf(setting: keyof Settings): string {
  return OPTIONS.find((option) => option.setting === setting)?.help ?? '';
}
