import { valueOf } from '../../src/judging/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { commandsToSet } from '../../src/judging/kernel/sysctl-settings.ts';

const MAX = 'net/netfilter/nf_conntrack_max';
const COUNT = 'net/netfilter/nf_conntrack_count';
const SUBJECT = 'net.netfilter.nf_conntrack_max';
/** What kube-proxy raises the table to at least, whatever the number of processors: conntrack.min of its configuration. */
const KUBE_PROXY_MINIMUM = 131_072;
const NEARLY_FULL = 0.9;

export default defineCheck({
  id: 'kernel/conntrack',
  title: 'the connection tracking table is large enough',
  docs: 'https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/#kubeproxy-config-k8s-io-v1alpha1-KubeProxyConntrackConfiguration',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { roomy: 'pass', 'too-small': 'warn', 'not-loaded': 'skip', 'not-shown': 'skip', unread: 'unknown' },
  needs: ['sysctls'],
  wants: ['sysctlFiles', 'processes'],
  judge({ sysctls: { values, denied, shown }, sysctlFiles, processes }, { node }) {
    if (shown === false) return [notShown(SUBJECT)];
    if (denied.includes(MAX))
      return [{ subject: SUBJECT, reason: 'unread', message: `/proc/sys/${MAX} could not be read.` }];
    const max = Number(values[MAX]);
    if (!(max > 0)) {
      return [
        {
          subject: SUBJECT,
          reason: 'not-loaded',
          message:
            'Nothing tracks connections here yet: kube-proxy or the network add-on loads nf_conntrack and sizes its table.',
        },
      ];
    }
    const count = Number(values[COUNT] ?? 0);
    const evidence = { max, count };
    const kubeProxyRuns = valueOf(processes)?.running.some(({ name }) => name === 'kube-proxy') ?? false;
    const failure = (message: string, expected: string, actual: string, size: number) =>
      [
        {
          subject: SUBJECT,
          reason: 'too-small',
          message,
          why: 'When the table is full the kernel drops the first packet of each new connection.',
          expected,
          actual,
          evidence,
          remedy: {
            text: 'Enlarge the table. kube-proxy keeps a value that is larger than its own (conntrack.min and conntrack.maxPerCore of its configuration).',
            // At boot the key is there only once the module is.
            commands: [
              'echo nf_conntrack > /etc/modules-load.d/nf_conntrack.conf && modprobe nf_conntrack',
              ...commandsToSet({ [MAX]: String(size) }, sysctlFiles),
            ],
          },
        } as const,
      ] as const;
    if (count >= max * NEARLY_FULL)
      return failure(
        `The table of tracked connections is nearly full: ${count} of ${max}.`,
        `less than ${NEARLY_FULL * 100} % in use`,
        `${count} of ${max}`,
        Math.max(2 * max, KUBE_PROXY_MINIMUM),
      );
    // Before kube-proxy runs any size is fine: it raises it when it starts.
    if (node.stage === 'joined' && kubeProxyRuns && max < KUBE_PROXY_MINIMUM)
      return failure(
        `kube-proxy runs, and the table of tracked connections has room for ${max}: fewer than it makes room for unless told not to.`,
        `${KUBE_PROXY_MINIMUM} or more`,
        String(max),
        KUBE_PROXY_MINIMUM,
      );
    return [{ subject: SUBJECT, reason: 'roomy', message: `${count} of ${max} connections are tracked.`, evidence }];
  },
});
