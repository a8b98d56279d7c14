/** Network of the Services where nobody names one: DefaultServicesSubnet of cmd/kubeadm/app/apis/kubeadm/v1beta4/defaults.go, the same since v1beta1. */
export const DEFAULT_SERVICE_SUBNET = '10.96.0.0/12';

/** Keys of kubeadm's documents in any of v1beta2 to v1beta4: https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/ */
export const KUBEADM_KEYS: Readonly<Record<string, readonly string[]>> = {
  ClusterConfiguration: [
    'apiServer',
    'caCertificateValidityPeriod',
    'certificateValidityPeriod',
    'certificatesDir',
    'clusterName',
    'controlPlaneEndpoint',
    'controllerManager',
    'dns',
    'encryptionAlgorithm',
    'etcd',
    'featureGates',
    'imageRepository',
    'kubernetesVersion',
    'networking',
    'proxy',
    'scheduler',
    'useHyperKubeImage',
  ],
  InitConfiguration: [
    'bootstrapTokens',
    'certificateKey',
    'dryRun',
    'localAPIEndpoint',
    'nodeRegistration',
    'patches',
    'skipPhases',
    'timeouts',
  ],
  JoinConfiguration: [
    'caCertPath',
    'controlPlane',
    'discovery',
    'dryRun',
    'nodeRegistration',
    'patches',
    'skipPhases',
    'timeouts',
  ],
};

/** Keys of `networking` in a ClusterConfiguration. */
export const NETWORKING_KEYS = ['dnsDomain', 'podSubnet', 'serviceSubnet'] as const;

/** Where arguments of components stand: a list of name and value since v1beta4, keys and values before. */
export const EXTRA_ARGUMENTS: readonly (readonly string[])[] = [
  ['apiServer', 'extraArgs'],
  ['controllerManager', 'extraArgs'],
  ['scheduler', 'extraArgs'],
  ['etcd', 'local', 'extraArgs'],
  ['nodeRegistration', 'kubeletExtraArgs'],
];
