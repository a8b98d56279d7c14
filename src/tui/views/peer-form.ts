import type { PeerForm, State } from '../state/state.ts';
import { clean, layoutFor, mark, tint, type Look } from './look.ts';

/** Another machine for the run: the line to paste there, and what is to be known of it here. */
export function peerFormLines({ given, size, notice }: State, form: PeerForm, look: Look): string[] {
  const layout = layoutFor(look, size.columns);
  const cursor = look.ascii ? '_' : '█';
  const field = (name: PeerForm['field'], label: string, text: string, hint: string) => {
    const here = form.field === name;
    const shown = `${clean(text, look)}${here && name !== 'role' ? cursor : ''}`;
    return ` ${here ? tint(mark('selected', look), 'strong', look) : ' '} ${tint(label.padEnd(9), here ? 'strong' : null, look)} ${shown}  ${tint(hint, 'quiet', look)}`;
  };
  return [
    ` ${tint('Add a machine', 'strong', look)}`,
    '',
    ...layout.paragraph(['On the other machine, with the same token (Ctrl-Y copies the line):'], { indent: 1 }),
    ...layout.command(given.peerLine, 4),
    '',
    field('role', 'role', form.role, look.ascii ? 'left, right' : '← →'),
    field('address', 'address', form.address, form.address === '' ? 'HOST or HOST:PORT' : ''),
    ...(form.token === null
      ? []
      : [
          field(
            'token',
            'token',
            (look.ascii ? '*' : '•').repeat(Math.min(12, form.token.length)),
            'it is not shown; paste it',
          ),
        ]),
    '',
    ...(notice === null
      ? []
      : layout.paragraph([notice.wrong ? { text: notice.text, tone: 'fail' } : notice.text], { indent: 1 })),
    ...(form.busy ? [` ${mark('more', look)} asking ${clean(form.address, look)}`] : []),
  ];
}
