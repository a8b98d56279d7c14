import * as z from 'zod';
import { KNOWN_SOCKETS, runtimeOfSocket, socketPath } from '../kubernetes/cri.ts';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { readContainerdConfig } from './runtimes/containerd-config.ts';
import { askRuntime } from './runtimes/cri.ts';
import { kubeletEndpoint } from './runtimes/endpoint.ts';

const nullable = z.string().nullable();

const schema = () =>
  z.object({
    asked: z.boolean().describe('false for a directory: its sockets are not asked'),
    kubeletEndpoint: nullable.describe('where the kubelet is told to reach its runtime'),
    sockets: z
      .array(
        z.object({
          path: z.string().describe('of the socket'),
          runtime: z.enum(['containerd', 'cri-o', 'cri-dockerd']).nullable().describe('whose usual place it is'),
          present: z.boolean().describe('a socket is there'),
          answers: z
            .object({
              outcome: z
                .enum(['answered', 'unimplemented', 'refused', 'denied', 'timed-out', 'failed'])
                .describe('what became of the question for its version'),
              detail: nullable.describe('why it did not answer'),
              name: nullable.describe('RuntimeName, as it calls itself'),
              version: nullable.describe('RuntimeVersion'),
              legacy: z.boolean().describe('it serves the CRI of before v1 instead'),
              conditions: z
                .array(
                  z.object({
                    type: z.string().describe('RuntimeReady, NetworkReady or one of its own'),
                    status: z.boolean().describe('whether it holds'),
                    reason: z.string().describe('why not, as one word'),
                    message: z.string().describe('why not, as a sentence'),
                  }),
                )
                .readonly()
                .describe('of its Status'),
              cgroupDriver: z
                .enum(['systemd', 'cgroupfs'])
                .nullable()
                .describe('what RuntimeConfig said; null when it said nothing of it'),
              runtimeConfig: z
                .enum(['answered', 'unimplemented', 'failed'])
                .nullable()
                .describe('what became of the question for its configuration; null when it was not asked'),
            })
            .nullable()
            .describe('what it said over CRI; null when it was not asked'),
        }),
      )
      .describe('where a runtime could answer'),
    containerd: z
      .object({
        files: z.array(z.string()).readonly().describe('those that were read, in their order'),
        broken: z.array(z.string()).readonly().describe('files that are no TOML'),
        disabledPlugins: z.array(z.string()).readonly().describe('disabled_plugins'),
        systemdCgroup: z.boolean().nullable().describe('of the default runtime handler'),
      })
      .nullable()
      .describe('containerd’s configuration files; null when there is none'),
  });

type Value = z.infer<ReturnType<typeof schema>>;

export default defineFact({
  title: 'container runtime',
  schema,
  read: async (system, { plan, signal }): Promise<Value> => {
    const [endpoint, containerd] = await Promise.all([kubeletEndpoint(system), containerdConfig(system)]);
    const named = [plan.criSocket, endpoint].flatMap((text) => (text === null ? [] : (socketPath(text) ?? [])));
    const paths = await distinct(system, [...named, ...KNOWN_SOCKETS.map(({ path }) => path)]);
    // A runtime that hangs must leave time to tell of the others.
    const limited = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(plan.timeout * 0.7))]);
    return {
      asked: system.live,
      kubeletEndpoint: endpoint,
      sockets: await Promise.all(paths.map((path) => lookAt(system, path, limited))),
      containerd,
    };
  },
});

async function lookAt(system: System, path: string, signal: AbortSignal): Promise<Value['sockets'][number]> {
  const found = { path, runtime: runtimeOfSocket(path) };
  try {
    const present = (await system.status(path))?.kind === 'socket';
    const answers = present && system.live ? await askRuntime(system.network, path, signal) : null;
    return { ...found, present, answers };
  } catch (error) {
    // The directory of the socket may not be entered: that it could be there is all that is known.
    if (!(error instanceof SystemError) || error.why !== 'denied') throw error;
    const denied = {
      name: null,
      version: null,
      legacy: false,
      conditions: [],
      cgroupDriver: null,
      runtimeConfig: null,
    };
    return { ...found, present: true, answers: { ...denied, outcome: 'denied', detail: error.message } };
  }
}

/** /var/run is a link to /run: the same socket is looked at once, under the name that came first. */
async function distinct(system: System, paths: readonly string[]): Promise<string[]> {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const real = await realPath(system, path);
    if (!seen.has(real)) seen.set(real, path);
  }
  return [...seen.values()];
}

async function realPath(system: System, path: string): Promise<string> {
  try {
    return await system.realPath(path);
  } catch (error) {
    if (error instanceof SystemError) return path.replace(/^\/var\/run\//, '/run/');
    throw error;
  }
}

async function containerdConfig(system: System): Promise<Value['containerd']> {
  const config = await readContainerdConfig(system);
  if (config === null) return null;
  const { files, broken, disabledPlugins, systemdCgroup } = config;
  return { files, broken, disabledPlugins, systemdCgroup };
}
