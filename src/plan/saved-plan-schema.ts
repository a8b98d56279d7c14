import * as z from 'zod';
import { parseCidr } from '../values/cidr.ts';
import { parseIp } from '../values/ip.ts';
import { parseVersion } from '../values/version.ts';

let made: ReturnType<typeof makeSchema> | null = null;

/** What saved evidence may say of a machine and its cluster; a key that this version does not know is dropped. */
export function savedPlanSchema() {
  return (made ??= makeSchema());
}

function makeSchema() {
  const cidr = z.string().refine((text) => parseCidr(text) !== null, 'it is no network');
  const ip = z.string().refine((text) => parseIp(text) !== null, 'it is no address');
  const port = z.int().min(1).max(65_535);
  const path = z.string().startsWith('/');
  return z.object({
    role: z.array(z.enum(['control-plane', 'worker', 'etcd'])).exactOptional(),
    roleOrigin: z
      .literal('kubeadm configuration')
      .exactOptional()
      .describe("kubeadm's documents alone told the role: it yields to what the disk of a joined node tells"),
    stage: z.enum(['fresh', 'joined']).nullable().exactOptional(),
    kubernetesVersion: z
      .string()
      .refine((text) => parseVersion(text) !== null, 'it is no version')
      .exactOptional(),
    cni: z.string().nullable().exactOptional(),
    podCidr: z.array(cidr).exactOptional(),
    serviceCidr: z.array(cidr).exactOptional(),
    nodePortRange: z
      .object({ first: port, last: port })
      .refine(({ first, last }) => first <= last, 'it is reversed')
      .exactOptional(),
    cniConfDir: path.exactOptional(),
    cniBinDir: path.exactOptional(),
    criSocket: z.string().nullable().exactOptional(),
    nodeIp: z.array(ip).exactOptional(),
    nodeName: z.string().nullable().exactOptional(),
    controlPlaneEndpoint: z.string().nullable().exactOptional(),
    apiServerPort: port.exactOptional(),
    advertiseAddress: ip.nullable().exactOptional(),
    etcd: z.enum(['stacked', 'external']).exactOptional(),
    externalEtcd: z
      .object({
        endpoints: z.array(z.string()),
        caFile: z.string().nullable(),
        certFile: z.string().nullable(),
        keyFile: z.string().nullable(),
      })
      .nullable()
      .exactOptional(),
    etcdDataDir: path.exactOptional(),
    proxyMode: z.enum(['iptables', 'ipvs', 'nftables']).nullable().exactOptional(),
    kubeletConfiguration: z
      .object({
        failSwapOn: z.boolean().nullable(),
        cgroupDriver: z.string().nullable(),
        failCgroupV1: z.boolean().nullable(),
        resolvConf: z.string().nullable(),
      })
      .nullable()
      .exactOptional(),
    join: z
      .object({
        endpoint: z.string(),
        token: z.null().describe('never saved'),
        caCertHashes: z.array(z.string()),
        unsafeSkipCaVerification: z.boolean(),
        controlPlane: z.boolean(),
      })
      .nullable()
      .exactOptional(),
    pods: z.enum(['throw-away', 'existing']).nullable().exactOptional(),
  });
}
