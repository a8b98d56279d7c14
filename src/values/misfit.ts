import type * as z from 'zod';
import { printable } from './printable.ts';

/** Where a document is not as its schema has it, for a person: `nodes.0.name: it is missing, or of another kind than it should be`. What is ours to say stays. */
export function misfit({ issues: [issue] }: z.ZodError): string {
  const where = (issue?.path ?? []).map(String).join('.');
  const said =
    issue?.code === 'custom'
      ? issue.message
      : issue?.code === 'too_small'
        ? 'it holds too little'
        : 'it is missing, or of another kind than it should be';
  return printable(`${where === '' ? '' : `${where}: `}${said}`.slice(0, 300));
}
