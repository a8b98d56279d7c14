import { ignoredNames, oneOf, toText, unique } from '../value-parsers.ts';
import { last, list, option } from './define-option.ts';
import type { Option } from './option.ts';
import { JUDGING } from './taken-by.ts';

/** Where pods may take part. */
const WITH_PODS = ['check', 'mesh', 'serve', 'listen', 'config'] as const;
const PODS = ['throw-away', 'existing'] as const;

/** What is judged, and what may fail. */
export const CHECK_OPTIONS: readonly Option[] = [
  option({
    name: 'pods',
    setting: 'pods',
    hint: '[HOW]',
    allowed: PODS,
    alone: PODS[0],
    help: "let pods take part: throw-away ones, made by this node's own network plugins and removed again, or existing ones",
    commands: WITH_PODS,
    parse: (texts) => ({ pods: oneOf(PODS)(last(texts)) }),
    write: ({ pods }) => pods,
  }),
  option({
    name: 'only',
    setting: 'only',
    hint: 'ID|CATEGORY',
    repeatable: 'values',
    help: 'run these checks alone',
    commands: JUDGING,
    parse: (texts) => ({ only: unique(texts.map(toText)) }),
    write: ({ only }) => list(only),
  }),
  option({
    name: 'skip',
    setting: 'skip',
    hint: 'ID|CATEGORY',
    repeatable: 'values',
    help: 'leave these checks out',
    commands: JUDGING,
    parse: (texts) => ({ skip: unique(texts.map(toText)) }),
    write: ({ skip }) => list(skip),
  }),
  option({
    name: 'ignore-preflight-errors',
    setting: 'ignorePreflightErrors',
    hint: 'NAMES',
    repeatable: 'values',
    help: "kubeadm's names of what may fail, or all: it becomes a warning",
    commands: JUDGING,
    parse: (texts) => ({ ignorePreflightErrors: ignoredNames(texts) }),
    write: ({ ignorePreflightErrors }) => list(ignorePreflightErrors),
  }),
];
