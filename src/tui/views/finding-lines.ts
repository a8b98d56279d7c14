import type { Finding } from '../../report/schema.ts';
import { labelsOf, softening } from '../../report/text/labels.ts';
import { glyph } from '../../report/text/theme.ts';
import { allFindings, before, checkNamed } from '../state/findings.ts';
import type { State } from '../state/state.ts';
import { clean, cut, layoutFor, tint, type Look } from './look.ts';
import { picture } from './packet.ts';
import { strip } from './strip.ts';

/** A finding as a person reads it: what it is about, the packet if it is about one, what was expected and found, why it matters, what to do. */
export function findingLines(state: State, finding: Finding, width: number, look: Look): string[] {
  const { sentence, label, commands } = labelsOf(layoutFor(look, width));
  const { remedy, docs } = { remedy: finding.remedy, docs: checkNamed(state, finding.check)?.report?.docs };
  const drawn = picture(finding, width - 1, look);
  const swept = strip(finding, allFindings(state.results.checks), width, look);
  return [
    ...titleOf(state, finding, width, look),
    '',
    ...(drawn.length === 0 ? [] : [...drawn, '']),
    ...sentence(finding.message),
    '',
    ...label('expected', finding.expected),
    ...label('found', finding.actual),
    ...label('why', finding.why),
    ...label('softened', softening(finding)),
    ...(swept.length === 0 ? [] : ['', ...swept, '']),
    ...label('fix', remedy?.text),
    ...commands(remedy?.commands ?? []),
    ...(remedy === undefined ? [] : ['']),
    ...label('kubeadm', finding.kubeadm),
    ...label('docs', docs),
    ...label('page', `seaworthy explain ${finding.check}`),
    ...label('judged', judged(state, finding)),
  ].filter((line, index, lines) => line !== '' || lines[index - 1] !== '');
}

function titleOf(state: State, finding: Finding, width: number, look: Look): string[] {
  const { check, nodes, subject, status, reason } = finding;
  const several = state.results.nodes.length > 1;
  const about = [check, ...(several ? [nodes.join(finding.probe === undefined ? ', ' : ' → ')] : []), subject].join(
    '  ',
  );
  const word = `${glyph(status, look.ascii)} ${status}  ${reason}`;
  const shown = clean(about, look);
  const space = width - 2 - shown.length - word.length;
  if (space >= 2) return [` ${tint(shown, 'strong', look)}${' '.repeat(space)}${tint(word, status, look)}`];
  return [
    ` ${tint(cut(shown, width - 2, look), 'strong', look)}`,
    ` ${tint(cut(word, width - 2, look), status, look)}`,
  ];
}

/** `03:12:44, before that: fail` */
function judged(state: State, finding: Finding): string | undefined {
  const check = checkNamed(state, finding.check);
  if (check === undefined || check.judgedAt === null) return undefined;
  const earlier = before(state, finding);
  const was = check.previous === null ? '' : `, before that: ${earlier === undefined ? 'not found' : earlier.status}`;
  return `${timeOf(check.judgedAt)}${was}`;
}

/** Of day, UTC as in the report. */
export function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}
