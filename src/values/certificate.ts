import type { X509Certificate } from 'node:crypto';

/** Loaded when it is first used: most runs do not, and it costs milliseconds at the start. */
const crypto = () => process.getBuiltinModule('node:crypto');

/** What is public of a certificate and worth saying. Times are ISO 8601, UTC. */
export interface Certificate {
  readonly subject: string;
  /** DNS names and addresses that it is for. */
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
}

export type CertificateValidity = 'valid' | 'expired' | 'not-yet-valid';

/** Reads DER or PEM; null when the bytes are no certificate. */
export function readCertificate(bytes: Buffer | string): X509Certificate | null {
  try {
    return new (crypto().X509Certificate)(bytes);
  } catch {
    return null;
  }
}

export function describeCertificate(certificate: X509Certificate): Certificate {
  return {
    subject: certificate.subject.split('\n').join(', '),
    names: [...(certificate.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,]+)/g)].map(
      ([, name]) => name ?? '',
    ),
    notBefore: timeOf(certificate.validFrom),
    notAfter: timeOf(certificate.validTo),
  };
}

/** `Nov 22 21:08:00 2026 GMT`, as OpenSSL prints it. */
function timeOf(text: string): string {
  return new Date(text).toISOString();
}

/** `now` is ISO 8601, UTC, as the times of the certificate are: their texts sort by time. */
export function validityAt({ notBefore, notAfter }: Certificate, now: string): CertificateValidity {
  if (now < notBefore) return 'not-yet-valid';
  return now > notAfter ? 'expired' : 'valid';
}

/** `sha256:…` of the public key, as kubeadm pins a CA (RFC 7469, 2.4); null for a kind of key that is not known here. */
export function publicKeyPin(certificate: X509Certificate): string | null {
  try {
    const info = certificate.publicKey.export({ type: 'spki', format: 'der' });
    return `sha256:${crypto().createHash('sha256').update(info).digest('hex')}`;
  } catch {
    return null;
  }
}

/** The certificates of a PEM text; null when one of them cannot be read, or there is none. */
export function readBundle(pem: string): X509Certificate[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const certificates = blocks.map((block) => readCertificate(block));
  const read = certificates.filter((certificate) => certificate !== null);
  return read.length === 0 || read.length < blocks.length ? null : read;
}
