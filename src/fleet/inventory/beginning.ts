import { quoted } from '../../plan/errors.ts';

/** What may be shown of words that were not understood: what follows a name may be a password. */
export function beginning(text: string): string {
  const [name] = text.split(/[\s=]/, 1);
  return quoted(name === text ? text : `${name} …`);
}
