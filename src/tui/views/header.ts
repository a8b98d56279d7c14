import { podSides } from '../../report/pod-sides.ts';
import type { Report } from '../../report/schema.ts';
import { isFault, verdictOf } from '../../values/status.ts';
import type { State } from '../state/state.ts';
import { viewOf } from '../state/state.ts';
import { deniedChecks } from '../state/denied.ts';
import { edges, mark, type Look, type Piece } from './look.ts';
import { titleOf } from './texts.ts';

const VERDICTS = {
  ready: ['READY', 'pass'],
  'not-ready': ['NOT READY', 'fail'],
  unknown: ['UNKNOWN', 'unknown'],
} as const;

/** Two lines: who this is and how it stands; what that covers, and how far the run is. */
export function header(state: State, look: Look): string[] {
  const { columns } = state.size;
  return [
    edges([{ text: 'seaworthy', tone: 'strong', drop: 0 }, ...place(state, look)], verdict(state), columns, look),
    below(state, look),
  ];
}

/** The way to what is open; in the overview the node. */
function place(state: State, look: Look): Piece[] {
  const view = viewOf(state);
  const crumb = mark('crumb', look);
  switch (view.kind) {
    case 'overview':
      return nodePieces(state);
    case 'findings': {
      const { subject } = view;
      const name = subject.of === 'check' ? subject.id : `${subject.from} ${mark('between', look)} ${subject.to}`;
      return [{ text: `${crumb} ${name}`, drop: 0 }];
    }
    case 'matrix':
      return [
        { text: `${crumb} matrix`, drop: 0 },
        { text: `layer: ${view.layer}`, drop: 1 },
      ];
    case 'text':
      return [{ text: `${crumb} ${titleOf(view.text)}`, drop: 0 }];
  }
}

function nodePieces({ results }: State): Piece[] {
  const self = results.nodes.find((node) => node.self) ?? results.nodes[0];
  if (self === undefined) return [];
  const roles = self.roles.includes('any') ? 'any role' : self.roles.join('+');
  const [address] = self.addresses;
  return [
    { text: self.name, tone: 'strong', drop: 1 },
    ...(address === undefined ? [] : [{ text: address, drop: 3 }]),
    { text: `${roles}, ${self.stage}`, drop: 2 },
    { text: self.kubernetesVersion, drop: 4 },
  ];
}

function verdict({ results }: State): Piece[] {
  const statuses = results.checks.flatMap(({ report }) => report?.status ?? []);
  const counts = (['fail', 'unknown', 'warn', 'pass', 'skip'] as const).flatMap((status): Piece[] => {
    const count = statuses.filter((each) => each === status).length;
    if (count === 0) return [];
    return [{ text: `${count} ${status}`, tone: status, drop: isFault(status) ? 1 : 5 }];
  });
  // No verdict before all has been judged once.
  if (results.report === null)
    return [{ text: results.running === null ? '' : 'CHECKING', tone: 'strong', drop: 0 }, ...counts];
  const [word, tone] = VERDICTS[verdictOf(statuses)];
  return [{ text: word, tone, drop: 0 }, ...counts];
}

const SPINNER = ['⠋', '⠙', '⠸', '⠴', '⠦', '⠇'] as const;
const ASCII_SPINNER = ['|', '/', '-', '\\'] as const;
const STEP_MS = 200;

function below(state: State, look: Look): string {
  const { results, size, now, watch, given } = state;
  const { running, report } = results;
  const covered: Piece[] = report === null ? [] : [{ text: `covers ${covers(report)}`, tone: 'quiet', drop: 0 }];
  if (running !== null) {
    const frames: readonly string[] = look.ascii ? ASCII_SPINNER : SPINNER;
    const frame = frames[Math.floor(now / STEP_MS) % frames.length] ?? '';
    const seconds = `${(Math.max(0, now - running.startedAt) / 1_000).toFixed(1)} s of ${(given.budget / 1_000).toFixed(0)} s`;
    const { packets } = running;
    const pairs: Piece[] =
      packets === null || packets.pairsDone >= packets.pairs
        ? []
        : [{ text: `${packets.pairsDone} of ${packets.pairs} pairs`, drop: 3 }];
    const what = running.only === null ? 'checks' : running.only.join(', ');
    const progress = { text: `${frame} ${running.done} of ${running.total} ${what}`, drop: 0 };
    return edges(covered, [...pairs, progress, { text: seconds, drop: 1 }], size.columns, look);
  }
  const root = deniedChecks(state);
  const right: Piece[] = [
    ...(root === 0
      ? []
      : [
          {
            text: `with sudo ${root} more ${root === 1 ? 'check' : 'checks'} can be decided`,
            tone: 'warn' as const,
            drop: 1,
          },
        ]),
    ...(state.faultsOnly ? [{ text: 'faults only (f)', drop: 1 }] : []),
    ...(state.filter === '' ? [] : [{ text: `filter: ${state.filter}`, drop: 0 }]),
    ...(watch === null ? [] : [{ text: watchWords(state, watch), drop: 0 }]),
  ];
  return edges(covered, right, size.columns, look);
}

/** In a few words what the verdict is about, so that nobody takes half a test for a whole one. */
function covers(report: Report): string {
  const {
    nodes,
    plan,
    coverage: { pairs, pairsTested, pods },
  } = report;
  const { both, oneSided } = podSides(report);
  const sides = oneSided === 0 ? '' : both ? ', some from one side alone' : ' from one side alone';
  const others = pods === 'tested' ? `and pods${sides}` : 'not pods';
  const root = plan['root']?.value;
  const what = typeof root === 'string' ? `the directory ${root}` : 'this machine';
  if (pairs === 0) {
    if (pods !== 'tested') return `${what} alone, not what is between nodes, ${others}`;
    return oneSided === 0
      ? `${what} and its pods, not what is between nodes`
      : `${what} ${others}, not what else is between nodes`;
  }
  const peers = nodes.filter(({ self }) => !self).length;
  const tested = pairsTested === pairs ? `${pairs} pairs` : `${pairsTested} of ${pairs} pairs`;
  return `this node and ${peers} ${peers === 1 ? 'peer' : 'peers'} (${tested}), ${others}`;
}

function watchWords({ results, now }: State, watch: number): string {
  const left = Math.max(0, Math.ceil(((results.endedAt ?? now) + watch - now) / 1_000));
  return `watching, next in ${left} s of ${watch / 1_000}`;
}
