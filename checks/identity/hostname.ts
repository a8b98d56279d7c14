import { defineCheck } from '../../src/judging/define-check.ts';
import { holders } from '../../src/judging/duplicates.ts';
import { notShown } from '../../src/judging/not-shown.ts';

const remedy = {
  text: 'Name the machine with hostnamectl set-hostname: lower-case letters, digits and hyphens, different from every other node; or name the node alone with nodeRegistration.name in kubeadm’s configuration.',
};

/** What installers and DHCP leave where nobody chose a name: every machine that has it has the same. */
const NOBODYS = ['localhost', 'localhost.localdomain', 'localhost4', 'localhost6', '(none)'];

export default defineCheck({
  id: 'identity/hostname',
  title: 'the name of the node is valid and unique',
  docs: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names',
  kubeadm: ['Hostname'],
  stages: ['fresh', 'joined'],
  reasons: { valid: 'pass', unique: 'pass', 'not-shown': 'skip', malformed: 'fail', duplicate: 'fail' },
  needs: ['hostname'],
  wants: [],
  judge({ hostname: { hostname, shown } }, { plan }) {
    if (shown === false && plan.nodeName === null) return [notShown('hostname')];
    const name = plan.nodeName ?? hostname.toLowerCase();
    const problem = problemOf(name);
    if (problem === null) {
      return [
        { subject: 'hostname', reason: 'valid', message: `${name} is a valid name for a node.`, evidence: { name } },
      ];
    }
    return [
      {
        subject: 'hostname',
        reason: 'malformed',
        kubeadm: NOBODYS.includes(name) ? null : 'Hostname',
        message: problem,
        why: 'Kubelet registers the node under this name, and the API server refuses one that is none.',
        expected:
          'an RFC 1123 name: lower-case letters, digits, hyphens and dots, at most 253 of them, of 63 between dots',
        actual: name === '' ? 'an empty name' : name.slice(0, 64),
        evidence: { hostname: hostname.slice(0, 64), nodeName: plan.nodeName },
        remedy,
      },
    ];
  },
  compare(all) {
    const nodes = all.filter(({ facts }) => facts.hostname.shown !== false);
    const groups = holders(nodes, ({ node, facts }) => nameOf(node.name, facts.hostname.hostname));
    return groups.map(({ value, nodes: names }) =>
      names.length > 1
        ? {
            nodes: names,
            subject: value,
            reason: 'duplicate' as const,
            kubeadm: null,
            message: `${names.length} nodes have the name ${value}.`,
            why: 'The second one to join takes the place of the first.',
            expected: 'a name of its own for each node',
            actual: value,
            remedy,
          }
        : { nodes: names, subject: value, reason: 'unique' as const, message: 'No other node has this name.' },
    );
  },
});

/** The engine tells nodes of one name apart by an addition in brackets; what it begins with is the name. */
function nameOf(nodeName: string, hostname: string): string {
  const lower = hostname.toLowerCase();
  return nodeName.startsWith(`${lower} (`) ? lower : nodeName.replace(/ \(.*\)$/, '');
}

function problemOf(name: string): string | null {
  if (NOBODYS.includes(name)) return `${name} is the name of a machine that nobody named.`;
  const labels = name.split('.');
  const isValid = name.length <= 253 && labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  return isValid ? null : 'The name of this machine is no valid name for a node.';
}
