import { defineCheck } from 'seaworthy/plugin';

const LABEL = 'acme-data';

const page = `# acme/disk-label

The data disk has the label that our provisioning gives it.

## Why it matters

Without it the mount unit of our images does not find the disk, and images of pods fill the root file system.

## How it is judged

| reason | status | when |
|---|---|---|
| \`labelled\` | pass | a file system has the label \`${LABEL}\` |
| \`unlabelled\` | fail | none has it |

## How to fix it

    e2label /dev/sdb1 ${LABEL}

## When to ignore it

On machines without a data disk.
`;

export default defineCheck({
  id: 'acme/disk-label',
  title: 'data disk is labelled',
  docs: 'https://wiki.acme.example/kubernetes/disks',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { labelled: 'pass', unlabelled: 'fail' },
  page,
  needs: ['acme/diskLabels'],
  wants: [],
  judge({ 'acme/diskLabels': { labels } }) {
    if (labels.includes(LABEL)) {
      return [{ subject: LABEL, reason: 'labelled', message: 'A disk has the label.' }];
    }
    return [
      {
        subject: LABEL,
        reason: 'unlabelled',
        message: `No disk has the label ${LABEL}.`,
        expected: LABEL,
        actual: labels.length === 0 ? 'no labels' : labels.join(', '),
        remedy: { text: 'Label the data disk.', commands: [`e2label /dev/sdb1 ${LABEL}`] },
      },
    ];
  },
});
