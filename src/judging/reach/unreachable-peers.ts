import type { PairDraft } from '../../engine/check.ts';
import type { Probed } from '../../evidence/probes.ts';
import type { ControlProblem, SshTrouble } from '../../evidence/control-problems.ts';
import type { Node } from '../../engine/node.ts';
import { CONTROL_PORT } from '../../values/control-port.ts';
import { parseEndpoint } from '../../values/endpoint.ts';
import { controlRemedy } from './control-remedy.ts';
import { sshRemedy } from './ssh-remedy.ts';

interface Met {
  readonly node: Node;
  readonly unreachable?: string | undefined;
  readonly problem?: ControlProblem | undefined;
  readonly ssh?: SshTrouble | undefined;
}

type Unreachable = PairDraft<{ readonly 'peer-unreachable': 'unknown' }>;

/** The nodes whose control channel could be had. */
export function reachedNodes(nodes: readonly Met[]): Node[] {
  return nodes.flatMap(({ node, unreachable }) => (unreachable === undefined ? [node] : []));
}

/** One finding for each machine whose control channel could not be had, whatever was to be asked of it. */
export function unreachablePeers(nodes: readonly Met[], probed: readonly Probed[]): Unreachable[] {
  const found = new Map(
    nodes.flatMap(({ node, unreachable }) => (unreachable === undefined ? [] : [[node.name, unreachable]])),
  );
  for (const { reading } of probed)
    if ('unread' in reading && reading.unread === 'peer-unreachable') found.set(reading.machine, reading.detail);
  return [...found].map(([peer, detail]): Unreachable => {
    const others = nodes.map(({ node }) => node).filter(({ name }) => name !== peer);
    // Of a machine that was never met the name is what the user said, with the port where it is another one.
    const { ssh, problem } = nodes.find(({ node }) => node.name === peer) ?? {};
    const control = { host: peer, port: CONTROL_PORT, ...parseEndpoint(peer, CONTROL_PORT) };
    const from = others.find(({ self }) => self) ?? others.find(({ name }) => !found.has(name));
    return {
      nodes: [...(from === undefined ? [] : [from.name]), peer],
      subject: ssh === undefined ? `tcp/${control.port}` : 'ssh',
      reason: 'peer-unreachable',
      message: detail,
      why: 'Without its word nothing can be said of packets from and to it.',
      remedy: ssh === undefined ? controlRemedy(control, problem) : sshRemedy(peer, ssh),
    };
  });
}
