import { validityAt } from '../../values/certificate.ts';
import { CERTIFICATES, onlyFor, type ExternalEtcd } from './etcd-names.ts';

/** A file that the configuration names for the external etcd. */
export function judgeFile({ role, path, state }: ExternalEtcd['files'][number]) {
  const common = { subject: role, kubeadm: CERTIFICATES, onlyFor, evidence: { path } } as const;
  switch (state) {
    case 'read':
      return { ...common, reason: 'file-readable' as const, message: `${path} is there.` };
    case 'missing':
      return {
        ...common,
        reason: 'file-missing' as const,
        message: `${path}, the ${role} of the external etcd, does not exist.`,
        expected: 'the file',
        actual: 'none',
        remedy: {
          text: 'Copy it from the machine where the certificates of etcd were made, or correct etcd.external in the configuration.',
        },
      };
    case 'denied':
      return {
        ...common,
        reason: 'file-denied' as const,
        message: `${path} cannot be read by this user; run seaworthy as root.`,
      };
    case 'error':
    default:
      return { ...common, reason: 'file-unreadable' as const, message: `${path} could not be read.` };
  }
}

/** By what the API server of this node would prove itself to etcd. */
export function clientCertificate({ files, clientCertificate: leaf, observedAt }: ExternalEtcd) {
  const path = files.find(({ role, state }) => role === 'certFile' && state === 'read')?.path;
  if (path === undefined) return [];
  const common = { subject: 'client certificate', kubeadm: CERTIFICATES, onlyFor } as const;
  const remedy = {
    text: `Make a new client certificate with the CA of etcd, with its key, and put the two where the configuration says (${path}).`,
  };
  if (leaf === null) {
    return [{ ...common, reason: 'certificate-broken' as const, message: `${path} holds no certificate.`, remedy }];
  }
  const { keyMatches, ...shown } = leaf;
  const validity = validityAt(leaf, observedAt);
  const evidence = { ...shown, keyMatches, observedAt };
  if (keyMatches === false) {
    return [
      {
        ...common,
        reason: 'key-mismatch' as const,
        message: `keyFile is not the private key of ${path}.`,
        evidence,
        remedy,
      },
    ];
  }
  if (validity === 'valid') {
    return [
      {
        ...common,
        reason: 'certificate-valid' as const,
        message: `The client certificate ${path} is valid now.`,
        evidence,
      },
    ];
  }
  return [
    {
      ...common,
      reason: validity === 'expired' ? ('certificate-expired' as const) : ('certificate-not-yet-valid' as const),
      message:
        validity === 'expired'
          ? `The client certificate ${path} expired.`
          : `The client certificate ${path} is not valid yet, by the clock of this machine.`,
      expected: `valid at ${observedAt}`,
      actual: `valid from ${leaf.notBefore} until ${leaf.notAfter}`,
      evidence,
      remedy,
    },
  ];
}
