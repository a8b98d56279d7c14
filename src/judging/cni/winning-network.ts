import type { Facts } from '../../evidence/facts.ts';
import { ADDON_OF_TYPE, addonOf, META_TYPES, PACKAGED_FILES } from '../../kubernetes/cni.ts';
import { shellQuote } from '../../values/shell.ts';

type Files = Facts['cniFiles'];
type File = Files['files'][number];

/** The network that the runtime takes, and what else is in the directory that could take its place. */
export function judgeWinner(cniFiles: Files, winner: File, cni: string | null, joined: boolean) {
  const { directory, files, choices } = cniFiles;
  const valid = files.filter(({ state }) => state === 'valid');
  const leftovers = valid
    .filter((file) => isLeftover(file, winner, cni, joined))
    .map((file) => leftover(cniFiles, file, cni));
  const others = valid.filter(({ name }) => name !== winner.name && !isPackaged(name));
  const several =
    others.length === 0 || leftovers.length > 0 || isMeta(winner)
      ? []
      : [
          {
            subject: directory,
            reason: 'several' as const,
            message: `${valid.length} files hold a network; ${taken(choices)}.`,
            why: 'The order of the names decides which network pods get, and a file that is added or removed changes it.',
            expected: 'one network',
            actual: valid.map(({ name }) => name).join(', '),
            evidence: {
              files: valid.map(({ name }) => name),
              containerd: choices.containerd.file,
              crio: choices.crio.file,
            },
            remedy: {
              text: `Move the files that are not of the add-on in use out of ${directory}.`,
              commands: others.map(({ name }) => moveAway(directory, name)),
            },
          },
        ];
  const before = files.slice(0, files.indexOf(winner)).filter(({ state }) => state === 'broken');
  const passedOver = before.map(({ name, problem }) => ({
    subject: `${directory}/${name}`,
    reason: 'broken-passed-over' as const,
    message: `${name} cannot be used: ${problem ?? 'it is broken'}. The runtime passes over it and takes ${winner.name}; containerd would not.`,
    expected: 'a network configuration',
    actual: problem ?? 'broken',
    remedy: { text: 'Move the file out of the directory, or repair it.', commands: [moveAway(directory, name)] },
  }));
  const complaints = [...leftovers, ...several, ...passedOver];
  if (complaints.length > 0) return complaints;
  const network = winner.network;
  return [
    {
      subject: `${directory}/${winner.name}`,
      reason: 'valid' as const,
      message: `${winner.name} is the network ${network?.name ?? ''}: ${typesOf(winner).join(', ')}, CNI ${network?.version ?? ''}.`,
      evidence: { file: winner.name, network: network?.name, version: network?.version, types: typesOf(winner) },
    },
  ];
}

/** Before the node joins, whatever is there is of an earlier network, unless it is of the add-on that was named; afterwards, what wins over the named one. */
function isLeftover(file: File, winner: File, cni: string | null, joined: boolean): boolean {
  if (isPackaged(file.name) || isMeta(file)) return false;
  const named = cni === null ? null : addonOf(cni);
  const own = addonIn(file);
  if (joined) return file === winner && named !== null && own !== null && own !== named;
  return named === null || own !== named;
}

function leftover({ directory }: Files, file: File, cni: string | null) {
  const types = typesOf(file).join(', ');
  return {
    subject: `${directory}/${file.name}`,
    reason: 'leftover' as const,
    message: `${file.name} is a network of ${addonIn(file) ?? types}${cni === null ? ', from before this node joins' : `, and ${cni} was named`}.`,
    why: 'The runtime takes it until another file sorts before it, so pods can start on a network that is no longer there.',
    expected: cni === null ? 'no network before an add-on is installed' : `none but that of ${cni}`,
    actual: types,
    evidence: { file: file.name, types: typesOf(file) },
    remedy: {
      text: 'Move the file away if it is of an earlier cluster; name the add-on with --cni if it is not.',
      commands: [moveAway(directory, file.name)],
    },
  };
}

function moveAway(directory: string, name: string): string {
  return `mv ${shellQuote(`${directory}/${name}`)} ${shellQuote(`${directory}/${name}.unused`)}`;
}

function taken({ containerd, crio }: Files['choices']): string {
  const of = ({ outcome, file }: Files['choices']['crio']) =>
    outcome === 'wins' ? `takes ${file}` : `is stopped by ${file}`;
  return containerd.outcome === 'wins' && containerd.file === crio.file
    ? `containerd and CRI-O take ${containerd.file}`
    : `containerd ${of(containerd)}, CRI-O ${of(crio)}`;
}

function typesOf({ network }: File): string[] {
  return network?.plugins.map(({ type }) => type) ?? [];
}

function addonIn(file: File): string | null {
  return typesOf(file).flatMap((type) => ADDON_OF_TYPE[type] ?? [])[0] ?? null;
}

function isMeta(file: File): boolean {
  return typesOf(file).some((type) => META_TYPES.includes(type));
}

function isPackaged(name: string): boolean {
  return PACKAGED_FILES.some((pattern) => pattern.test(name));
}
