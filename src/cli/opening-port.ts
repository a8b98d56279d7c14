import type { ListenAddress } from '../plan/settings.ts';
import { SystemError } from '../system/system.ts';
import { UsageError } from './usage-error.ts';

/** What helps where a port cannot be had. */
interface Hints {
  /** Who of us may hold it. */
  readonly holder: string;
  /** The value of --listen that takes another one; null where it is this one or none. */
  readonly other: string | null;
}

/** What is listened on. */
export function portOf({ address, port }: ListenAddress): string {
  return `TCP port ${port} of ${address ?? 'all addresses'}`;
}

/** Waits for a port to be opened; one that cannot be is a UsageError with what to do. */
export async function openingPort<T>(place: ListenAddress, hints: Hints, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    throw new UsageError(`${portOf(place)} cannot be opened: ${refusal(error, hints)}.`);
  }
}

function refusal({ code, message }: SystemError, { holder, other }: Hints): string {
  const another = other === null ? '' : `; --listen ${other} takes another one`;
  if (code === 'EADDRINUSE') return `another program holds it, perhaps ${holder}${another}`;
  if (code === 'EACCES') return `ports below 1024 are for root${another}`;
  return code === 'EADDRNOTAVAIL' ? 'this machine has no such address' : message;
}
