import { codeOf, systemError } from '../system/errors.ts';
import { SystemError } from '../system/system.ts';

/** Why there was no answer of an API server, as a sentence by the code of the failure: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it closed the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; the clock of this machine may be wrong',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for other names; tls-server-name in the kubeconfig names one of them',
  ...Object.fromEntries(
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_SIGNATURE_FAILURE',
    ].map((code) => [code, 'its certificate is not of the authority that the kubeconfig names']),
  ),
};

/** Its code is that of the failure. */
export function connectionError(error: unknown, { origin }: URL): SystemError {
  if (error instanceof SystemError) return error;
  const code = codeOf(error);
  const sentence = code === null ? undefined : SENTENCES[code];
  if (sentence === undefined) return systemError(error, `the API server ${origin}`);
  return new SystemError('error', `the API server ${origin} could not be asked: ${sentence}`, code, error);
}

export function noAnswer({ origin }: URL): SystemError {
  return new SystemError('timeout', `the API server ${origin} gave no answer in time`, 'ETIMEDOUT');
}
