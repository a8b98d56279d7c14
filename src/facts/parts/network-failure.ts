import { SystemError } from '../../system/system.ts';
import type { FactContext } from '../define-fact.ts';

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

/** The time of one attempt: what takes longer is silence, which the fact can still tell. */
export function attemptSignal({ plan, signal }: FactContext): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(plan.timeout)]);
}
