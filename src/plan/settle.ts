import { resolve } from 'node:path';
import { PlanError } from './errors.ts';
import { ORIGINS } from './layers.ts';
import type { Plan, Settings } from './settings.ts';

/** Settings that concern each other: the stronger one decides, and of two equals that contradict each other neither. */
export function settle(plan: Plan): Plan {
  const { settings, origins } = plan;
  if (settings.facts.length > 0 && settings.root !== null) {
    throw new PlanError('conflict', '--facts', 'cannot be combined with --root: saved facts stand for the machine');
  }
  return { settings: { ...settings, ...quietOrVerbose(plan), ...etcd(settings), output: outputs(settings) }, origins };
}

function quietOrVerbose({ settings: { quiet, verbose }, origins }: Plan): Partial<Settings> {
  if (!quiet || !verbose) return {};
  const order = ORIGINS.indexOf(origins.quiet) - ORIGINS.indexOf(origins.verbose);
  if (order === 0) throw new PlanError('conflict', '--quiet', 'cannot be combined with --verbose');
  return order > 0 ? { verbose: false } : { quiet: false };
}

/** Who says `stacked` over a configuration that names another etcd does not mean that one. */
function etcd({ etcd: kind, externalEtcd }: Settings): Partial<Settings> {
  return kind === 'stacked' && externalEtcd !== null ? { externalEtcd: null } : {};
}

function outputs({ output, saveFacts }: Settings): Settings['output'] {
  const once = output.filter(
    (target, index) =>
      index === output.findIndex(({ format, file }) => format === target.format && file === target.file),
  );
  const toStdout = once.filter(({ file }) => file === null || file === '/dev/stdout').map(({ format }) => format);
  if (toStdout.length > 1) {
    throw new PlanError(
      'conflict',
      '--output',
      `one report fits on standard output, not ${toStdout.join(' and ')}; give the others a file, as in ${toStdout[1]}=FILE`,
    );
  }
  const files = once.flatMap(({ file }) => (file === null || file === '/dev/null' ? [] : [resolve(file)]));
  const twice = files.find((file, index) => files.indexOf(file) < index);
  if (twice !== undefined) throw new PlanError('conflict', '--output', `two reports cannot go to one file: ${twice}`);
  if (saveFacts !== null && files.includes(resolve(saveFacts))) {
    throw new PlanError('conflict', '--save-facts', 'names the file of an --output; the two need a file each');
  }
  return once;
}
