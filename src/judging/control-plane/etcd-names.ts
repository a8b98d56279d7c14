import type { FactsOf } from '../../engine/check.ts';

/** What was seen of an external etcd. */
export type ExternalEtcd = NonNullable<FactsOf<'externalEtcd', never>['externalEtcd']>;

/** What kubeadm calls its checks of it. */
export const VERSION = 'ExternalEtcdVersion';
export const CERTIFICATES = 'ExternalEtcdClientCertificates';

/** Workers have no business with etcd. */
export const onlyFor = 'control-plane';
