import { messageFields, numberField, readMessage, stringField, type Message } from '../../values/protobuf.ts';
import type { Network } from '../../system/network.ts';
import { SystemError } from '../../system/system.ts';

/**
 * What is asked of a runtime over CRI. Fields are those of k8s.io/cri-api's api.proto, version v1:
 * https://github.com/kubernetes/cri-api/blob/master/pkg/apis/runtime/v1/api.proto
 */
export interface CriAnswers {
  /** How the first call ended; `unimplemented`: gRPC answers, and CRI v1 is not served there. */
  readonly outcome: 'answered' | 'unimplemented' | 'refused' | 'denied' | 'timed-out' | 'failed';
  readonly detail: string | null;
  readonly name: string | null;
  readonly version: string | null;
  /** Whether the CRI of before v1 is served instead. */
  readonly legacy: boolean;
  readonly conditions: readonly Condition[];
  /** Of RuntimeConfig: null when it was not answered. */
  readonly cgroupDriver: 'systemd' | 'cgroupfs' | null;
  readonly runtimeConfig: 'answered' | 'unimplemented' | 'failed' | null;
}

interface Condition {
  /** RuntimeReady, NetworkReady. */
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

const NOTHING = { name: null, version: null, legacy: false, conditions: [], cgroupDriver: null, runtimeConfig: null };
const EMPTY = Buffer.alloc(0);

export async function askRuntime(network: Network, socket: string, signal: AbortSignal): Promise<CriAnswers> {
  const call = (method: string) => callOnce(network, socket, method, signal);
  const [version, status, config] = await Promise.all([
    call('/runtime.v1.RuntimeService/Version'),
    call('/runtime.v1.RuntimeService/Status'),
    call('/runtime.v1.RuntimeService/RuntimeConfig'),
  ]);
  if ('failed' in version) {
    const legacy =
      version.failed === 'unimplemented' && 'message' in (await call('/runtime.v1alpha2.RuntimeService/Version'));
    return { ...NOTHING, outcome: version.failed, detail: version.detail, legacy };
  }
  return {
    outcome: 'answered',
    detail: null,
    name: stringField(version.message, 2).slice(0, 100),
    version: stringField(version.message, 3).slice(0, 100),
    legacy: false,
    conditions: 'message' in status ? conditions(status.message) : [],
    ...('message' in config
      ? { cgroupDriver: cgroupDriver(config.message), runtimeConfig: 'answered' as const }
      : {
          cgroupDriver: null,
          runtimeConfig: config.failed === 'unimplemented' ? ('unimplemented' as const) : ('failed' as const),
        }),
  };
}

type Called =
  | { readonly message: Message }
  | { readonly failed: Exclude<CriAnswers['outcome'], 'answered'>; readonly detail: string };

async function callOnce(network: Network, socket: string, method: string, signal: AbortSignal): Promise<Called> {
  try {
    const message = readMessage(await network.grpc(socket, method, EMPTY, signal));
    return message === null ? { failed: 'failed', detail: `${socket}: the answer is no CRI message` } : { message };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { failed: failureOf(error), detail: error.message };
  }
}

function failureOf({ why, code }: SystemError): Exclude<CriAnswers['outcome'], 'answered'> {
  if (code === 'GRPC_12') return 'unimplemented';
  if (why === 'denied') return 'denied';
  if (why === 'timeout') return 'timed-out';
  return code === 'ECONNREFUSED' || why === 'missing' ? 'refused' : 'failed';
}

function conditions(answer: Message): Condition[] {
  return messageFields(answer, 1)
    .flatMap((status) => messageFields(status, 1))
    .slice(0, 16)
    .map((condition) => ({
      type: stringField(condition, 1).slice(0, 100),
      status: numberField(condition, 2) === 1,
      reason: stringField(condition, 3).slice(0, 100),
      message: stringField(condition, 4).slice(0, 300),
    }));
}

/** SYSTEMD is 0 and so written as nothing: without the Linux part the runtime said nothing. */
function cgroupDriver(answer: Message): 'systemd' | 'cgroupfs' | null {
  const linux = messageFields(answer, 1).at(-1);
  if (linux === undefined) return null;
  return numberField(linux, 1) === 1 ? 'cgroupfs' : 'systemd';
}
