import type { Draft } from '../../src/engine/check.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { isRead, valueOf } from '../../src/judging/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { addOns } from '../../src/kubernetes/add-ons.ts';
import {
  CGROUP_OPTIONS,
  PROXY_MODULES,
  REQUIRED_OPTIONS,
  kernelModules,
} from '../../src/kubernetes/kernel-features.ts';
import type { Settings, Stage } from '../../src/plan/settings.ts';

const reasons = {
  present: 'pass',
  loadable: 'pass',
  configured: 'pass',
  missing: 'fail',
  'no-config': 'fail',
  'missing-overlay': 'warn',
  'not-shown': 'skip',
  undecided: 'unknown',
} as const;

type Finding = Draft<typeof reasons>;
type Config = Reading<Facts['kernelConfig']>;

interface Needed {
  readonly module: string;
  readonly by: string;
}

const SYSTEM_VERIFICATION = 'SystemVerification';
const IPVS = 'IPVSProxierCheck';

export default defineCheck({
  id: 'kernel/modules',
  title: 'the kernel has the modules and features that are needed',
  docs: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
  kubeadm: [SYSTEM_VERIFICATION, IPVS, 'RequiredIPVSKernelModulesAvailable'],
  stages: ['fresh', 'joined'],
  reasons,
  needs: ['kernelModules'],
  wants: ['kernelConfig', 'cgroups'],
  judge({ kernelModules: modules, kernelConfig, cgroups }, { node, plan }) {
    const found = neededModules(plan, node.stage).map((needed) => judgeModule(needed, modules, kernelConfig));
    // A node that serves has what it uses; only a fresh one must be known to have it.
    const undecided = found.filter((each) => each.reason === 'undecided');
    const decided = found.filter((each) => each.reason !== 'undecided');
    const mustShow = node.stage === 'fresh' && modules.shown !== false;
    const open: Finding[] = mustShow || undecided.length === 0 ? undecided : [notShownHere(undecided, modules)];
    // kubeadm looks at the configuration of the kernel before a node joins, and not again.
    return node.stage === 'fresh'
      ? [judgeConfig(kernelConfig, modules, cgroups), ...decided, ...open]
      : [...decided, ...open];
  },
});

function neededModules(plan: Settings, stage: Stage): Needed[] {
  const addOn = plan.cni === null ? undefined : addOns[plan.cni];
  const ofProxy = addOn?.replacesKubeProxy === 'always' ? [] : proxyModules(plan.proxyMode, stage);
  const needed: Needed[] = [
    { module: 'overlay', by: 'the container runtime' },
    ...ofProxy,
    ...(addOn?.modules ?? []).map((module) => ({ module, by: addOn?.title ?? 'the network add-on' })),
  ];
  return needed.filter(({ module }, index) => needed.findIndex((other) => other.module === module) === index);
}

/** Nobody said in which mode kube-proxy runs: a fresh node will get its default; on a joined one only what every mode uses is sure. */
function proxyModules(said: Settings['proxyMode'], stage: Stage): Needed[] {
  if (said === null && stage === 'joined') {
    const ofAll = PROXY_MODULES.iptables.filter((module) => PROXY_MODULES.nftables.some((other) => other === module));
    return ofAll.map((module) => ({ module, by: 'kube-proxy' }));
  }
  const mode = said ?? 'iptables';
  return PROXY_MODULES[mode].map((module) => ({ module, by: `kube-proxy in ${mode} mode` }));
}

function judgeModule({ module, by }: Needed, modules: Facts['kernelModules'], config: Config): Finding {
  const subject = module;
  const option = Object.entries(kernelModules).find(([name]) => name === module)?.[1].option ?? null;
  const known = valueOf(config);
  // The kernel that /usr/src/linux was unpacked for need not be the one that runs, though kubeadm takes it for that.
  const isKnown = known !== null && known.file !== null && known.file !== '/usr/src/linux/.config';
  const built = !isKnown || option === null ? null : (known.options[option] ?? 'n');
  const evidence = { module, option, built };
  if (modules.present.includes(module))
    return { subject, reason: 'present', message: `${module}, which ${by} uses, is in the kernel.`, evidence };
  if (modules.builtin?.includes(module) === true || built === 'y')
    return { subject, reason: 'present', message: `${module}, which ${by} uses, is built into the kernel.`, evidence };
  if (modules.loadable?.includes(module) === true)
    return {
      subject,
      reason: 'loadable',
      message: `${module} is not loaded; it is there, and is loaded when ${by} asks for it.`,
      evidence,
    };
  if (modules.loadable === null && built !== 'n') {
    return {
      subject,
      reason: 'undecided',
      message: `Whether the kernel has ${module}, which ${by} uses, does not show here: there is no list of its modules in /lib/modules${built === null ? ', and no build configuration' : ''}.`,
      evidence,
    };
  }
  const failure = {
    subject,
    message: `The kernel has no ${module}, which ${by} uses.`,
    expected: 'built in, loaded or loadable',
    actual: 'missing',
    evidence,
    remedy: {
      text: 'Install the package with the rest of the modules of this kernel (linux-modules-extra-… on Ubuntu, kernel-modules-extra on Red Hat’s distributions), or boot a kernel that has it.',
    },
  };
  if (module === 'overlay') {
    const why = 'containerd and CRI-O keep images with it unless they are configured otherwise.';
    return { ...failure, reason: 'missing-overlay', why };
  }
  const demanded = option !== null && REQUIRED_OPTIONS.some((names) => names.includes(option));
  const kubeadm = module.startsWith('ip_vs') ? IPVS : demanded ? SYSTEM_VERIFICATION : null;
  return { ...failure, reason: 'missing', why: `Without it ${by} does not work.`, kubeadm };
}

function notShownHere(undecided: readonly Finding[], { shown }: Facts['kernelModules']): Finding {
  const names = undecided.map(({ subject }) => subject);
  return {
    subject: names.join(', '),
    reason: 'not-shown',
    message:
      shown === false
        ? `This directory holds no /proc: whether the kernel has ${names.join(', ')} only the running machine shows.`
        : `This kernel does not show whether it has ${names.join(', ')}; the node has joined, and what it runs is judged by its own checks.`,
  };
}

function judgeConfig(config: Config, modules: Facts['kernelModules'], cgroups: Reading<Facts['cgroups']>): Finding {
  const subject = 'kernel configuration';
  if (!isRead(config))
    return {
      subject,
      reason: 'undecided',
      message: `The build configuration of the kernel was not read: ${config.detail}.`,
    };
  const { file, options } = config.value;
  if (config.value.shown === false)
    return {
      subject,
      reason: 'not-shown',
      message: 'This directory does not hold what the kernel was built with: only the running machine shows it.',
    };
  if (file === null) {
    // kubeadm loads the module `configs`, and /proc/config.gz appears.
    if (modules.loadable?.includes('configs') === true)
      return {
        subject,
        reason: 'loadable',
        message: 'The build configuration of the kernel is in its module `configs`, which kubeadm loads.',
      };
    return {
      subject,
      reason: 'no-config',
      message: 'The build configuration of the kernel is nowhere on this machine, and kubeadm stops because of that.',
      why: 'The kernel itself may have all that is needed; kubeadm cannot tell.',
      expected: 'one of /proc/config.gz, /boot/config-<release>, /lib/modules/<release>/config',
      actual: 'none',
      remedy: {
        text: 'Install the package that brings the configuration of this kernel, or run kubeadm with --ignore-preflight-errors=SystemVerification.',
      },
      kubeadm: SYSTEM_VERIFICATION,
    };
  }
  const version = valueOf(cgroups)?.version ?? null;
  const ofCgroups = version === null ? [] : CGROUP_OPTIONS[version].map((name) => [name]);
  const missing = [...REQUIRED_OPTIONS, ...ofCgroups].filter(
    (names) => !names.some((name) => options[name] !== undefined),
  );
  const evidence = { file, missing: missing.map(([name]) => name) };
  if (missing.length === 0)
    return {
      subject,
      reason: 'configured',
      message: `The kernel was built with all that kubeadm demands (${file}).`,
      evidence,
    };
  const list = missing.map(([name]) => `CONFIG_${name}`).join(', ');
  return {
    subject,
    reason: 'missing',
    message: `The kernel was built without ${list}, and kubeadm stops because of that.`,
    expected: 'y or m',
    actual: 'not set',
    evidence,
    remedy: { text: `Boot a kernel that was built with ${list}.` },
    kubeadm: SYSTEM_VERIFICATION,
  };
}
