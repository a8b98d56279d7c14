import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { parseVersion } from '../values/version.ts';
import { defineFact } from './define-fact.ts';
import { findPrograms } from './parts/find-programs.ts';
import { processesShown } from './parts/processes-shown.ts';
import { systemdUnit } from './parts/systemd-unit.ts';

const program = () =>
  z.object({
    path: z.string().nullable().describe('null: it is not installed'),
    version: z.string().nullable().describe('as it prints it, without the v'),
    problem: z
      .object({
        kind: z
          .enum(['failed', 'unread'])
          .describe('failed: it cannot run here or prints no version; unread: it was not asked to the end'),
        detail: z.string().describe('the same as a sentence'),
      })
      .nullable()
      .describe('why there is no version: it cannot run here or prints none, or it was not asked to the end'),
  });

const schema = () =>
  z.object({
    kubelet: program().nullable().describe('null: a directory without programs cannot show it'),
    kubeadm: program().nullable().describe('null: a directory without programs cannot show it'),
    unit: z
      .object({
        present: z.boolean().describe('systemd knows it'),
        masked: z.boolean().describe('it cannot be started'),
        enabled: z.boolean().describe('it starts with the machine'),
        configured: z.boolean().describe('the unit or a drop-in gives it a kubeconfig or kubeadm’s arguments'),
      })
      .nullable()
      .describe('kubelet.service; null where systemd does not run the machine'),
    otherProcesses: z.enum(['shown', 'hidden', 'not-recorded']).describe('whether a kubelet that runs could be seen'),
  });

type Program = NonNullable<z.infer<ReturnType<typeof schema>>['kubelet']>;

export default defineFact({
  title: 'kubelet and kubeadm: versions, and the kubelet’s unit',
  schema,
  read: async (system, { signal }) => {
    const [found, unit, otherProcesses] = await Promise.all([
      findPrograms(system, ['kubelet', 'kubeadm']),
      systemdUnit(system, 'kubelet.service'),
      processesShown(system),
    ]);
    const ask = (name: string, args: readonly string[]) =>
      found === null ? null : versionOf(system, found[name] ?? null, args, signal);
    const [kubelet, kubeadm] = await Promise.all([
      ask('kubelet', ['--version']),
      ask('kubeadm', ['version', '-o', 'short']),
    ]);
    return { kubelet, kubeadm, unit: unit === null ? null : seen(unit), otherProcesses };
  },
});

function seen({ present, masked, enabled, texts }: NonNullable<Awaited<ReturnType<typeof systemdUnit>>>) {
  const configured = texts.some((text) => /--kubeconfig|KUBELET_KUBECONFIG_ARGS|kubeadm-flags\.env/.test(text));
  return { present, masked, enabled, configured };
}

async function versionOf(
  system: System,
  path: string | null,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Program> {
  // Programs of a directory are not run, nor those of the machine from a container: nothing is wrong with them.
  if (path === null || !system.native) return { path, version: null, problem: null };
  const without = (kind: 'failed' | 'unread', detail: string) => ({ path, version: null, problem: { kind, detail } });
  try {
    const { exitCode, killedBy, stdout } = await system.programs.run(path, args, { signal, limit: 4096 });
    if (killedBy !== null) return without('failed', `${path} was ended by ${killedBy}`);
    if (exitCode !== 0) return without('failed', `${path} ended with exit code ${exitCode}`);
    // `Kubernetes v1.36.2` or `v1.36.2`.
    const version = /^(?:Kubernetes )?v?(\d\S{0,63})\s*$/.exec(stdout)?.[1];
    if (version === undefined || parseVersion(version) === null) return without('failed', `${path} printed no version`);
    return { path, version, problem: null };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // No such interpreter or library loader, a file for another processor; without a code it printed more than any version is.
    const isBroken = error.why !== 'timeout' && [null, 'ENOENT', 'ENOEXEC'].includes(error.code);
    return without(isBroken ? 'failed' : 'unread', error.message);
  }
}
