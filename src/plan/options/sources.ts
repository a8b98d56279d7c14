import { toFactsFile, toText, unique } from '../value-parsers.ts';
import { last, list, option } from './define-option.ts';
import type { Option } from './option.ts';
import { CATALOGUE } from './taken-by.ts';

/** Where it is read from, and what else is read or kept. */
export const SOURCE_OPTIONS: readonly Option[] = [
  option({
    name: 'root',
    setting: 'root',
    hint: 'DIR',
    help: "this directory is the machine's root: a mounted disk, a copy",
    commands: ['check', 'serve', 'facts', 'config'],
    parse: (texts) => ({ root: toText(last(texts)) }),
    write: ({ root }) => root,
  }),
  option({
    name: 'config',
    setting: 'config',
    hint: 'FILE',
    help: "seaworthy.yaml, or kubeadm's own configuration; /etc/seaworthy/seaworthy.yaml unless said",
    commands: [...CATALOGUE, 'serve', 'listen'],
    // A configuration does not name another one.
    sources: ['flag', 'environment'],
    parse: (texts) => ({ config: toText(last(texts)) }),
    write: () => null,
  }),
  option({
    name: 'plugin',
    setting: 'plugin',
    hint: 'SPEC',
    repeatable: 'paths',
    help: 'checks of your own: a module (a file, or an npm package), or a file of rules (.yaml)',
    commands: [...CATALOGUE, 'serve', 'listen'],
    parse: (texts) => ({ plugin: unique(texts.map(toText)) }),
    write: ({ plugin }) => list(plugin),
  }),
  option({
    name: 'save-facts',
    setting: 'saveFacts',
    hint: 'FILE',
    help: 'write what was observed, to be judged elsewhere',
    commands: ['check', 'mesh', 'config'],
    parse: (texts) => ({ saveFacts: toFactsFile(last(texts)) }),
    write: ({ saveFacts }) => saveFacts,
  }),
  option({
    name: 'facts',
    setting: 'facts',
    hint: 'FILE',
    repeatable: 'paths',
    help: 'judge what was observed elsewhere instead of this machine',
    commands: ['check', 'config'],
    parse: (texts) => ({ facts: texts.map(toText) }),
    write: ({ facts }) => list(facts),
  }),
];
