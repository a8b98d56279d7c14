import * as z from 'zod';

/** What is read of kubeadm's configuration API, v1beta2 to v1beta4; kubeadm itself judges the rest: https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/ */

const text = z.string().nullish();
const port = z.number().nullish();
/** A map before v1beta4, a list of pairs since. */
const extraArgs = z
  .union([
    z.record(z.string(), z.union([z.string(), z.number()])),
    z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
  ])
  .nullish();
const localApiEndpoint = z.looseObject({ advertiseAddress: text, bindPort: port }).nullish();
const nodeRegistration = z
  .looseObject({
    criSocket: text,
    name: text,
    ignorePreflightErrors: z.array(z.string()).nullish(),
    kubeletExtraArgs: extraArgs,
  })
  .nullish();

export const clusterConfiguration = z.looseObject({
  kubernetesVersion: z.union([z.string(), z.number()]).nullish(),
  controlPlaneEndpoint: text,
  networking: z.looseObject({ podSubnet: text, serviceSubnet: text }).nullish(),
  apiServer: z.looseObject({ extraArgs }).nullish(),
  etcd: z
    .looseObject({
      local: z.looseObject({ dataDir: text }).nullish(),
      external: z
        .looseObject({ endpoints: z.array(z.string()).min(1), caFile: text, certFile: text, keyFile: text })
        .nullish(),
    })
    .nullish(),
});
export const initConfiguration = z.looseObject({ localAPIEndpoint: localApiEndpoint, nodeRegistration });
export const joinConfiguration = z.looseObject({
  nodeRegistration,
  controlPlane: z.looseObject({ localAPIEndpoint: localApiEndpoint }).nullish(),
  discovery: z.looseObject({
    bootstrapToken: z
      .looseObject({
        apiServerEndpoint: text,
        token: text,
        caCertHashes: z.array(z.string()).nullish(),
        unsafeSkipCAVerification: z.boolean().nullish(),
      })
      .nullish(),
  }),
});
export const proxyConfiguration = z.looseObject({ mode: text });
export const kubeletConfiguration = z.looseObject({
  failSwapOn: z.boolean().nullish(),
  cgroupDriver: text,
  failCgroupV1: z.boolean().nullish(),
  resolvConf: text,
});

export type ClusterConfiguration = z.infer<typeof clusterConfiguration>;
export type InitConfiguration = z.infer<typeof initConfiguration>;
export type JoinConfiguration = z.infer<typeof joinConfiguration>;
export type NodeRegistration = z.infer<typeof nodeRegistration>;
export type ExtraArgs = z.infer<typeof extraArgs>;
