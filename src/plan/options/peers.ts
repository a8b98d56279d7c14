import { formatDuration } from '../../values/duration.ts';
import { formatListen, toListen } from '../listen-address.ts';
import { peerNames } from '../peer-name.ts';
import { durationBetween, toText } from '../value-parsers.ts';
import { last, list, onOff, option } from './define-option.ts';
import type { Option } from './option.ts';

const PEERED = ['check', 'mesh', 'serve', 'config'] as const;
const LISTENING = ['listen', 'config'] as const;
const MESHING = ['mesh', 'config'] as const;

/** Other machines that take part, and this one as a peer of theirs. */
export const PEER_OPTIONS: readonly Option[] = [
  option({
    name: 'peer',
    setting: 'peers',
    hint: '[ROLE@]HOST[:PORT]',
    repeatable: 'values',
    help: 'another machine, which runs seaworthy listen: packets are sent both ways',
    commands: PEERED,
    parse: (texts) => ({ peers: peerNames(texts) }),
    write: ({ peers }) => list(peers.map(({ text }) => text)),
  }),
  onOff(
    {
      name: 'ssh',
      setting: 'ssh',
      help: 'reach the peers over ssh, and start seaworthy on them: nothing has to listen or to be installed there',
      commands: MESHING,
      write: ({ ssh }) => ssh,
    },
    (ssh) => ({ ssh }),
  ),
  option({
    name: 'inventory',
    setting: 'inventory',
    hint: 'FILE',
    help: "an inventory of Ansible's (INI, or YAML as .yaml) instead of --peer, for --ssh: its groups tell the roles",
    commands: MESHING,
    parse: (texts) => ({ inventory: toText(last(texts)) }),
    write: ({ inventory }) => inventory,
  }),
  option({
    name: 'wait',
    setting: 'wait',
    hint: 'DURATION',
    help: 'how long to wait for peers that are yet to come up',
    commands: ['check', 'mesh', 'config'],
    parse: (texts) => ({ wait: durationBetween(0, 86_400_000, '0 to 24h, such as 5m')(last(texts)) }),
    write: ({ wait }) => formatDuration(wait),
  }),
  option({
    name: 'token-file',
    setting: 'tokenFile',
    hint: 'FILE',
    help: 'holds the token that all machines of a run share; the variable SEAWORTHY_TOKEN holds the token itself',
    commands: ['check', 'listen', 'mesh', 'serve', 'config'],
    parse: (texts) => ({ tokenFile: toText(last(texts)) }),
    write: ({ tokenFile }) => tokenFile,
  }),
  option({
    name: 'listen',
    setting: 'listen',
    hint: '[ADDR]:PORT',
    help: 'where to listen, without an address on all of them; unless said, a peer on :10777 and serve on 127.0.0.1:10778',
    commands: ['listen', 'serve', 'config'],
    parse: (texts) => ({ listen: toListen(last(texts)) }),
    write: ({ listen }) => (listen === null ? null : formatListen(listen)),
  }),
  onOff(
    {
      name: 'stdio',
      setting: 'stdio',
      help: 'speak over standard input and output instead of a port, without a token, until the input ends: mesh --ssh starts it so',
      commands: LISTENING,
      write: ({ stdio }) => stdio,
    },
    (stdio) => ({ stdio }),
  ),
  option({
    name: 'for',
    setting: 'listenFor',
    hint: 'DURATION',
    help: 'how long to listen; until a signal comes unless said',
    commands: LISTENING,
    // A timer of Node holds 24 days.
    parse: (texts) => ({ listenFor: durationBetween(100, 480 * 3_600_000, '100ms to 480h, such as 10m')(last(texts)) }),
    write: ({ listenFor }) => (listenFor === null ? null : formatDuration(listenFor)),
  }),
];
