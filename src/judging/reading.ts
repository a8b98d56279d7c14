import type { Reading } from '../evidence/reading.ts';

export function isRead<T>(reading: Reading<T>): reading is { readonly value: T } {
  return 'value' in reading;
}

/** The value, or null when it was not read; for facts that a check merely wants. */
export function valueOf<T>(reading: Reading<T>): T | null {
  return isRead(reading) ? reading.value : null;
}
