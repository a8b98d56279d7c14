import { SystemError } from '../system/system.ts';

/**
 * What came of an attempt over the network: its result, or the code of its failure (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`),
 * which is an observation too. Where there is no network to look at, and when the run ends, there is none.
 */
export async function attempted<T>(
  signal: AbortSignal,
  work: Promise<T>,
): Promise<{ readonly result: T } | { readonly code: string }> {
  try {
    return { result: await work };
  } catch (error) {
    if (!(error instanceof SystemError) || error.why === 'unsupported' || signal.aborted) throw error;
    return { code: error.code ?? (error.why === 'timeout' ? 'ETIMEDOUT' : 'EIO') };
  }
}

/** Part of the time of a fact: what takes longer is silence, which the fact can still tell. */
export function portion(signal: AbortSignal, timeout: number, share: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.floor(timeout * share)))]);
}
