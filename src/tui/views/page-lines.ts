import { layoutFor, tint, type Look } from './look.ts';

/** The Markdown of our pages, as far as they use it: headings, paragraphs, lists, tables and code. */
export function pageLines(markdown: string, width: number, look: Look): string[] {
  if (markdown === '') return [' …'];
  const layout = layoutFor(look, width);
  const lines: string[] = [];
  let paragraph: string[] = [];
  let code = false;
  const end = () => {
    if (paragraph.length > 0) lines.push(...layout.paragraph([paragraph.join(' ')], { indent: 1 }));
    paragraph = [];
  };
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) {
      end();
      code = !code;
    } else if (code) lines.push(...layout.command(line, 4));
    else if (/^#+ /u.test(line)) {
      end();
      lines.push(` ${tint(layout.shown(line.replace(/^#+ /u, '')), 'strong', look)}`);
    } else if (/^\|[-| :]+\|$/u.test(line)) end();
    else if (line.startsWith('|')) {
      end();
      const cells = line.slice(1, -1).split(/(?<!\\)\|/u);
      lines.push(...layout.paragraph([cells.map((each) => each.trim()).join('   ')], { indent: 1, hanging: 6 }));
    } else if (/^\s*(?:[-*]|\d+\.) /u.test(line)) {
      end();
      paragraph.push(line.trim());
    } else if (line.trim() === '') {
      end();
      if (lines.at(-1) !== '') lines.push('');
    } else paragraph.push(line.trim());
  }
  end();
  return lines;
}
