import { defineCheck } from '../../src/judging/define-check.ts';
import { holders } from '../../src/judging/duplicates.ts';

const remedy = {
  text: 'Give this machine a machine-id of its own, then reboot; on a clone of a template, empty the file in the template too.',
  commands: ['rm -f /etc/machine-id /var/lib/dbus/machine-id && systemd-machine-id-setup'],
};

export default defineCheck({
  id: 'identity/machine-id',
  title: 'machine-id is valid and unique',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#verify-mac-address',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { none: 'skip', valid: 'pass', unique: 'pass', malformed: 'fail', duplicate: 'fail' },
  needs: ['machineId'],
  wants: [],
  judge({ machineId: { machineId } }) {
    if (machineId === null) {
      return [
        {
          subject: '/etc/machine-id',
          reason: 'none',
          message: 'This machine has no machine-id; only systemd makes one.',
        },
      ];
    }
    // machine-id(5): 32 lower-case hexadecimal digits, not all zero; `uninitialized` before the first boot ended.
    if (/^[0-9a-f]{32}$/.test(machineId) && !/^0+$/.test(machineId)) {
      return [
        { subject: '/etc/machine-id', reason: 'valid', message: 'The machine-id is valid.', evidence: { machineId } },
      ];
    }
    return [
      {
        subject: '/etc/machine-id',
        reason: 'malformed',
        message:
          'The machine-id is not one: DHCP leases, container runtimes and network add-ons that derive identities from it may collide.',
        expected: '32 hexadecimal digits, not all zero',
        actual: machineId === '' ? 'an empty file' : machineId.slice(0, 64),
        remedy,
      },
    ];
  },
  compare(nodes) {
    // A node without one is not compared: absent is never equal to absent.
    const groups = holders(nodes, ({ facts }) => facts.machineId.machineId);
    return groups.map(({ value, nodes: names }) =>
      names.length > 1
        ? {
            nodes: names,
            subject: value,
            reason: 'duplicate' as const,
            message: `${names.join(' and ')} have the same machine-id: they are clones of one image.`,
            expected: 'a machine-id of its own on each node',
            actual: value,
            remedy,
          }
        : { nodes: names, subject: value, reason: 'unique' as const, message: 'No other node has this machine-id.' },
    );
  },
});
