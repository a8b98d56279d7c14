import { defineCheck } from '../../src/judging/define-check.ts';
import { commands, type Command } from '../../src/kubernetes/commands.ts';
import { installCommand } from '../../src/kubernetes/packages.ts';
import { isFrom } from '../../src/kubernetes/versions.ts';

export default defineCheck({
  id: 'host/commands',
  title: 'programs that kubeadm and the kubelet call are installed',
  docs: 'https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/#preflight-checks',
  kubeadm: commands.map(({ name }) => `FileExisting-${name}`),
  stages: ['fresh', 'joined'],
  reasons: { found: 'pass', missing: 'fail', 'missing-optional': 'warn', 'not-shown': 'skip' },
  needs: ['commands'],
  wants: [],
  judge({ commands: { paths } }, { node: { kubernetesVersion } }) {
    if (paths === null) {
      return [
        {
          subject: 'PATH',
          reason: 'not-shown',
          message: 'This directory holds no programs, so it cannot show which are missing.',
        },
      ];
    }
    return commands
      .filter((command) => isWanted(command, kubernetesVersion))
      .map((command) => {
        const { name, required, use } = command;
        const path = paths[name] ?? null;
        const common = { subject: name, kubeadm: `FileExisting-${name}` };
        if (path !== null)
          return { ...common, reason: 'found' as const, message: `${name} is installed.`, actual: path };
        return {
          ...common,
          reason: required ? ('missing' as const) : ('missing-optional' as const),
          message: `${name} is not on PATH.`,
          why: required
            ? `kubeadm ${kubernetesVersion} ends without it: ${use}.`
            : `kubeadm ${kubernetesVersion} warns without it: ${use}.`,
          expected: `${name} on PATH`,
          actual: 'not found',
          remedy: remedyFor(command),
        };
      });
  },
});

function isWanted({ since, until }: Command, version: string): boolean {
  return (since === null || isFrom(version, since)) && (until === null || !isFrom(version, until));
}

function remedyFor({ packages: [debian, redHat] }: Command) {
  return {
    text: `Install the package ${debian}${debian === redHat ? '' : ` (${redHat} on Red Hat's distributions)`}.`,
    commands: [installCommand(debian, redHat)],
  };
}
