import { defineCheck } from '../../src/judging/define-check.ts';
import { holders } from '../../src/judging/duplicates.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { PLACEHOLDER_UUIDS } from '../../src/kubernetes/placeholder-uuids.ts';

const remedy = {
  text: 'Give the virtual machine a UUID of its own in the hypervisor (VMware: uuid.action, libvirt: <uuid>, Hyper-V and clouds: create it anew instead of copying its files); of a physical machine only the vendor’s firmware tool can set it.',
};

const subject = '/sys/class/dmi/id/product_uuid';

export default defineCheck({
  id: 'identity/product-uuid',
  title: 'product_uuid is valid and unique',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#verify-mac-address',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    valid: 'pass',
    unique: 'pass',
    'no-uuid': 'skip',
    'not-shown': 'skip',
    malformed: 'warn',
    duplicate: 'fail',
  },
  needs: ['dmi'],
  wants: [],
  judge({ dmi: { present, productUuid, productName, shown } }) {
    if (shown === false) return [notShown(subject)];
    if (productUuid === null || productUuid === '') {
      return [
        {
          subject,
          reason: 'no-uuid',
          message: present
            ? 'The firmware of this machine names no product_uuid.'
            : 'This machine has no DMI, and so no product_uuid.',
        },
      ];
    }
    const uuid = productUuid.toLowerCase();
    const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid);
    if (isUuid && !isPlaceholder(uuid)) {
      return [
        { subject, reason: 'valid', message: 'The product_uuid is valid.', evidence: { productUuid, productName } },
      ];
    }
    return [
      {
        subject,
        reason: 'malformed',
        message: isUuid
          ? 'The product_uuid is a placeholder of the firmware, which other machines have too.'
          : 'The product_uuid is no UUID.',
        why: 'Kubelet reports it as the identity of the machine, and storage and cloud drivers find the machine by it.',
        expected: 'a UUID of this machine’s own',
        actual: productUuid.slice(0, 64),
        evidence: { productUuid: productUuid.slice(0, 64), productName },
        remedy,
      },
    ];
  },
  compare(nodes) {
    // Absent is never equal to absent.
    const known = nodes.filter(({ facts }) => (facts.dmi.productUuid ?? '') !== '');
    return holders(known, ({ facts }) => (facts.dmi.productUuid ?? '').toLowerCase()).map(({ value, nodes: names }) =>
      names.length > 1
        ? {
            nodes: names,
            subject: value,
            reason: 'duplicate' as const,
            message: `${names.join(' and ')} have the same product_uuid: they are copies of one machine.`,
            why: 'Kubelet reports it as the identity of the machine, and storage and cloud drivers find the machine by it.',
            expected: 'a product_uuid of its own on each node',
            actual: value,
            remedy,
          }
        : { nodes: names, subject: value, reason: 'unique' as const, message: 'No other node has this product_uuid.' },
    );
  },
});

/** SMBIOS: all zero is "not there", all ones "not set". */
function isPlaceholder(uuid: string): boolean {
  return /^[0-]+$/.test(uuid) || /^[f-]+$/.test(uuid) || PLACEHOLDER_UUIDS.includes(uuid);
}
