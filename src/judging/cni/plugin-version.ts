import type { Facts } from '../../evidence/facts.ts';
import { shellQuote } from '../../values/shell.ts';

type Plugins = Facts['cniPlugins'];
type Plugin = Plugins['plugins'][number];
type Answer = NonNullable<Plugin['answer']>;
type Chain = NonNullable<Plugins['chain']>;

/** A plugin that told its versions. */
export function speaks({ type, role }: Plugin, versions: readonly string[], path: string, chain: Chain) {
  // containerd's own list for loopback says 0.3.1, whatever the network says: WithLoNetwork of github.com/containerd/go-cni.
  const wanted = role === 'loopback' ? '0.3.1' : chain.version;
  const evidence = { type, role, path, file: chain.file, version: wanted, supported: versions };
  if (versions.includes(wanted)) {
    return { subject: type, reason: 'speaks' as const, message: `${path} speaks CNI ${wanted}.`, evidence };
  }
  return {
    subject: type,
    reason: 'version-mismatch' as const,
    message: `${path} does not speak CNI ${wanted}, which ${chain.file} is run with.`,
    why: 'The plugin refuses every call with error code 1, and every pod stays in ContainerCreating.',
    expected: wanted,
    actual: versions.join(', '),
    evidence,
    remedy: { text: `Install a newer ${type}, or set cniVersion of ${chain.file} to one that all its plugins speak.` },
  };
}

/** A plugin that was not asked. */
export function notRun(
  answer: Extract<Answer, { kind: 'not-run' }>,
  subject: string,
  path: string,
  evidence: Record<string, unknown>,
) {
  switch (answer.why) {
    case 'not-executable':
      return {
        subject,
        reason: 'not-executable' as const,
        message: `${path} is not executable.`,
        expected: 'mode 755',
        actual: 'no execute permission',
        evidence,
        remedy: { text: 'Make it executable.', commands: [`chmod 755 ${shellQuote(path)}`] },
      };
    case 'writable-by-others': {
      const what = answer.detail ?? path;
      return {
        subject,
        reason: 'writable-by-others' as const,
        message: `${path} was not run, not even to ask for its version: users other than root can write ${what}.`,
        why: 'Whoever can replace a plugin runs programs as root on this node.',
        expected: 'owned by root and writable by root alone',
        actual: `${what} is not`,
        evidence: { ...evidence, writable: what },
        remedy: {
          text: 'Give it to root and take the right to write from everybody else.',
          commands: [`chown root:root ${shellQuote(what)} && chmod go-w ${shellQuote(what)}`],
        },
      };
    }
    case 'root':
      return { subject, reason: 'present' as const, message: `${path} is there and executable.`, evidence };
    case 'too-many':
      break;
  }
  return {
    subject,
    reason: 'not-run' as const,
    message: `${path} is there; the chain has too many plugins to ask all of them.`,
    evidence,
  };
}

/** containerd does not ask for versions before it runs a chain; CRI-O does, and refuses the network. */
export function badAnswer(
  subject: string,
  path: string,
  detail: string,
  runtime: Plugins['runtime'],
  evidence: Record<string, unknown>,
) {
  const shared = {
    subject,
    expected: 'an answer to VERSION',
    actual: detail,
    evidence,
    remedy: { text: 'Install the plugin again, from the release of the add-on that the cluster runs.' },
  };
  return runtime === 'cri-o'
    ? {
        ...shared,
        reason: 'version-refused' as const,
        message: `${path} does not answer VERSION: ${detail}. CRI-O refuses a network with such a plugin.`,
      }
    : {
        ...shared,
        reason: 'version-unclear' as const,
        message: `${path} does not answer VERSION: ${detail}. Whether it speaks the version of the network is not known.`,
      };
}
