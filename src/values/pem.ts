/** Whether a text holds a PEM block of this kind, such as `CERTIFICATE` or `PRIVATE KEY`: RFC 7468. */
export function isPem(text: string, kind: string): boolean {
  return text.includes(`${kind}-----`) && /-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/.test(text);
}
