import type { Facts } from '../../src/evidence/facts.ts';
import { badAnswer, notRun, speaks } from '../../src/judging/cni/plugin-version.ts';
import { defineCheck } from '../../src/judging/define-check.ts';

type Plugins = Facts['cniPlugins'];
type Plugin = Plugins['plugins'][number];

export default defineCheck({
  id: 'cni/plugins',
  title: 'the plugins of the network are installed and speak its version',
  docs: 'https://www.cni.dev/docs/spec/#version-probe-plugin-version-support',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    speaks: 'pass',
    present: 'pass',
    'plugin-missing': 'fail',
    'not-executable': 'fail',
    'version-mismatch': 'fail',
    'version-refused': 'fail',
    'version-unclear': 'warn',
    'writable-by-others': 'warn',
    'version-undecided': 'unknown',
    unreadable: 'unknown',
    'not-run': 'skip',
    'no-network': 'skip',
    'not-copied': 'skip',
  },
  needs: ['cniPlugins'],
  wants: [],
  judge({ cniPlugins }, { node }) {
    const { chain, choice, directories, live, plugins } = cniPlugins;
    const places = directories.map(({ path }) => path).join(', ');
    if (chain === null) {
      return choice === 'unread'
        ? [
            {
              subject: places,
              reason: 'unreadable',
              message: 'The network that names the plugins could not be read. Run as root.',
            },
          ]
        : [
            {
              subject: places,
              reason: 'no-network',
              message: 'No network is configured that names plugins; cni/config says more.',
            },
          ];
    }
    if (!live && directories.every(({ real }) => real === null)) {
      return [
        {
          subject: places,
          reason: 'not-copied',
          message: `The directory that stands for this machine has no ${places}.`,
        },
      ];
    }
    const judged = plugins.filter(
      ({ role }) => role !== 'loopback' || needsLoopback(cniPlugins, node.stage === 'joined'),
    );
    const findings = judged.map((plugin) => judgePlugin(plugin, chain, cniPlugins));
    if (live && !plugins.some(({ answer }) => answer?.kind === 'not-run' && answer.why === 'root')) return findings;
    const whose = live ? 'a machine that is seen from one of its containers' : 'a directory';
    return [
      ...findings,
      {
        subject: 'VERSION',
        reason: 'not-run' as const,
        message: `The plugins of ${whose} are not run, so their versions were not asked.`,
      },
    ];
  },
});

/** containerd calls the loopback plugin for every pod, unless it is told to do that itself; the others never do. */
function needsLoopback({ runtime, internalLoopback }: Plugins, joined: boolean): boolean {
  return joined && runtime === 'containerd' && !internalLoopback;
}

type Chain = NonNullable<Plugins['chain']>;

function judgePlugin(plugin: Plugin, chain: Chain, { runtime, directories }: Plugins) {
  const { type, role, path, other, answer } = plugin;
  const subject = type;
  const needed = role === 'loopback' ? 'containerd calls it for every pod' : `${chain.file} needs it`;
  if (path === null || answer === null) {
    const places = directories.map((directory) => directory.path).join(', ');
    return {
      subject,
      reason: 'plugin-missing' as const,
      message: `The plugin ${type} is not in ${places}; ${needed}.`,
      why: 'Every pod of this node stays in ContainerCreating.',
      expected: `a regular file ${type} in ${places}`,
      actual: other ?? 'absent',
      evidence: { type, role, file: chain.file },
      remedy: {
        text: 'Install it: the add-on’s own pod on this node brings its plugin, the package kubernetes-cni the reference plugins (bridge, host-local, portmap, loopback …). If the network is not in use any more, move its file away.',
      },
    };
  }
  const evidence = { type, role, path, file: chain.file, version: chain.version };
  switch (answer.kind) {
    case 'supports':
      return speaks(plugin, answer.versions, path, chain);
    case 'not-run':
      return notRun(answer, subject, path, evidence);
    case 'cannot-start':
      return {
        subject,
        reason: 'not-executable' as const,
        message: `${path} cannot be started: ${answer.detail}.`,
        expected: 'a program for this machine',
        actual: answer.detail,
        evidence,
        remedy: {
          text: 'Install the plugin again, built for the architecture of this machine, on a file system that is not mounted noexec.',
        },
      };
    case 'bad-answer':
      return badAnswer(subject, path, answer.detail, runtime, evidence);
    case 'timed-out':
    case 'busy':
    case 'denied':
      break;
  }
  return {
    subject,
    reason: 'version-undecided' as const,
    message: `${path} is there, and was not heard about its version: ${UNDECIDED[answer.kind]}.`,
    evidence,
  };
}

const UNDECIDED = {
  'timed-out': 'it gave no answer in time',
  busy: 'it is being written at this moment',
  denied: 'it may not be started by this user; run as root',
} as const;
