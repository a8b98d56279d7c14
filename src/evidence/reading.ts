/** Why a fact could not be had. */
export type UnreadWhy = 'denied' | 'missing' | 'timeout' | 'unsupported' | 'error';

export interface Unread {
  readonly unread: UnreadWhy;
  readonly detail: string;
}

/** A fact as it was read, or why it was not. This is also its form in a file of saved facts. */
export type Reading<T> = { readonly value: T } | Unread;
