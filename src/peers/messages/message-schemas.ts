import type * as z from 'zod';
import { MESSAGES, PROTOCOL, type AnswerOf, type MessageName, type RequestOf } from './protocol.ts';

/** The schemas of MESSAGES, so that those of a message and its types go together whatever message it is. */
export const SCHEMAS: {
  readonly [M in MessageName]: {
    readonly request: z.ZodType<RequestOf<M>>;
    readonly answer: z.ZodType<AnswerOf<M>>;
  };
} = MESSAGES;

const NAMES = Object.keys(MESSAGES).filter((name): name is MessageName => Object.hasOwn(MESSAGES, name));

export function isMessage(name: string): name is MessageName {
  return NAMES.some((message) => message === name);
}

/** The message that is posted to a path; null when there is none. */
export function messageAt(path: string): MessageName | null {
  return NAMES.find((name) => pathOf(name) === path) ?? null;
}

/** Two releases must be able to meet, so this message alone has no version in its path. */
export function pathOf(message: MessageName): string {
  return message === 'meet' ? '/meet' : `/v${PROTOCOL}/${message}`;
}
