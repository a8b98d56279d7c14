/** Why a fact could not be had. */
export type UnreadWhy = 'denied' | 'missing' | 'timeout' | 'unsupported' | 'error';

/** A fact as it was read, or why it was not. This is also its form in a file of saved facts. */
export type Reading<T> = { readonly value: T } | { readonly unread: UnreadWhy; readonly detail: string };

export function isRead<T>(reading: Reading<T>): reading is { readonly value: T } {
  return 'value' in reading;
}

/** The value, or null when it was not read; for facts that a check merely wants. */
export function valueOf<T>(reading: Reading<T>): T | null {
  return isRead(reading) ? reading.value : null;
}
