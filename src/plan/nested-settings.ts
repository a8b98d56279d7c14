/** Settings that no option sets, in words: seaworthy.yaml and saved evidence say the same of them. */
export const externalEtcdHelp = {
  all: 'an etcd that kubeadm does not run; files are on the machine that is checked',
  endpoints: 'URLs, such as https://10.0.0.21:2379',
  caFile: 'the authority of its servers, PEM',
  certFile: 'the certificate of the API server for it, PEM',
  keyFile: 'the key of that certificate, PEM',
};

export const kubeletConfigurationHelp = {
  all: 'what the KubeletConfiguration that kubeadm is given says',
  failSwapOn: 'the kubelet does not start where there is swap',
  cgroupDriver: 'systemd or cgroupfs',
  failCgroupV1: 'the kubelet does not start where cgroups are those of version 1',
  resolvConf: 'the file from which pods get their name servers',
};
