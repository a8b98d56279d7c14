/** A file is not what `--save-facts` writes; the message is one sentence that names it. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';
}
