import { codeOf } from '../../system/errors.ts';
import { printable } from '../../values/printable.ts';
import { reach, type Reaching } from './control-reach.ts';
import { ControlAgent, post, TooLong, type Response } from './control-request.ts';
import { pathOf, SCHEMAS } from '../messages/message-schemas.ts';
import { PeerError, type Peer } from '../peer.ts';
import { MESSAGE_LIMIT, PROTOCOL, type AnswerOf, type MessageName } from '../messages/protocol.ts';
import { refusalSchema, versionSchema } from '../messages/refusal.ts';

export interface ConnectOptions extends Reaching {
  /** Of this program. */
  readonly version: string;
}

/** Another machine over its control channel. */
export interface RemotePeer extends Peer {
  /** Of this machine, as the peer sees it. */
  readonly localAddress: string;
  /** Of the peer, as its name resolved to it. */
  readonly remoteAddress: string;
  /** The same for two of one machine, where each is a process of its own; null where one process answers all. */
  readonly machine: string | null;
}

/** Rejects with a PeerError. */
export async function connectPeer(options: ConnectOptions): Promise<RemotePeer> {
  const { key, version } = options;
  const { destination, socket } = await reach(options);
  const agent = new ControlAgent(destination, socket);
  const { localAddress = '', remoteAddress = '' } = socket;
  return {
    key,
    localAddress,
    remoteAddress,
    machine: null,
    call: async (message, request, signal) => {
      const body = JSON.stringify(request);
      if (Buffer.byteLength(body) > MESSAGE_LIMIT) {
        throw new PeerError('rejected', `what ${key} would be asked (${message}) is longer than any message`);
      }
      const response = await exchange(key, message, () => post(agent, pathOf(message), body, signal), signal);
      return read(key, version, message, response);
    },
    close: () => agent.destroy(),
  };
}

async function exchange(
  key: string,
  message: MessageName,
  posting: () => Promise<Response>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await posting();
  } catch (error) {
    if (signal.aborted) throw new PeerError('lost', `${key} gave no answer in time (${message})`);
    if (error instanceof TooLong) throw nonsense(key, message, `it is longer than ${MESSAGE_LIMIT} bytes`);
    const code = codeOf(error) ?? 'closed';
    throw new PeerError('lost', `the connection to ${key} broke (${message}: ${code})`);
  }
}

function read<M extends MessageName>(key: string, version: string, message: M, response: Response): AnswerOf<M> {
  const { status, text } = response;
  const body = parseJson(text);
  const theirs = versionSchema().safeParse(body);
  if (theirs.success && theirs.data.protocol !== PROTOCOL) {
    const other = `version ${theirs.data.protocol} of the protocol (seaworthy ${printable(theirs.data.version)})`;
    throw new PeerError(
      'other-protocol',
      `${key} speaks ${other}, and this machine version ${PROTOCOL} (seaworthy ${version}): run the same release on both`,
    );
  }
  if (status !== 200) {
    const refusal = refusalSchema().safeParse(body);
    if (!refusal.success) throw nonsense(key, message, `HTTP status ${status}`);
    throw new PeerError('rejected', `${key} refused (${message}): ${printable(refusal.data.message.slice(0, 1_000))}`);
  }
  const answer = SCHEMAS[message].answer.safeParse(body);
  if (answer.success) return answer.data;
  const [issue] = answer.error.issues;
  throw nonsense(key, message, printable([...(issue?.path ?? []), issue?.message ?? ''].join(' ').slice(0, 300)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function nonsense(key: string, message: MessageName, why: string): PeerError {
  return new PeerError('not-a-peer', `${key} gave an answer that is none (${message}: ${why})`);
}
