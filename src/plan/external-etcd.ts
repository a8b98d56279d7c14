import { mustBe } from './errors.ts';
import type { ExternalEtcd } from './settings.ts';
import { toAbsolutePath } from './value-parsers.ts';

export const EXTERNAL_ETCD_KEYS = ['endpoints', 'caFile', 'certFile', 'keyFile'] as const;

export interface GivenExternalEtcd {
  readonly endpoints: readonly string[];
  readonly caFile?: string | null | undefined;
  readonly certFile?: string | null | undefined;
  readonly keyFile?: string | null | undefined;
}

/** An external etcd as it was written down; throws a BadValue. */
export function toExternalEtcd({ endpoints, caFile, certFile, keyFile }: GivenExternalEtcd): ExternalEtcd {
  const file = (path: string | null | undefined) =>
    path === null || path === undefined || path === '' ? null : toAbsolutePath(path);
  return {
    endpoints: endpoints.map(toUrl),
    caFile: file(caFile),
    certFile: file(certFile),
    keyFile: file(keyFile),
  };
}

/** Without credentials, path and query: kubeadm asks for /version below it. */
function toUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== ''
  ) {
    throw mustBe('URLs of etcd, such as https://10.0.0.21:2379');
  }
  return url.href.replace(/\/+$/, '');
}
