import { defineCheck } from '../../src/judging/define-check.ts';
import { proxyFor } from '../../src/values/proxy-for.ts';
import { chooseNodeAddress } from '../../src/kubernetes/node-address.ts';
import { parseCidr } from '../../src/values/cidr.ts';
import { formatIp } from '../../src/values/ip.ts';
import { shellQuote } from '../../src/values/shell.ts';

export default defineCheck({
  id: 'network/proxy',
  title: 'no proxy stands between this machine and the cluster',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/#preparing-the-hosts',
  kubeadm: ['HTTPProxy', 'HTTPProxyCIDR'],
  stages: ['fresh', 'joined'],
  reasons: { 'no-proxy': 'pass', direct: 'pass', proxied: 'warn' },
  needs: ['proxyEnvironment'],
  wants: ['interfaces', 'routes'],
  judge({ proxyEnvironment, interfaces, routes }, { plan }) {
    const isSet = (variables: Readonly<Record<string, string>>) =>
      Object.keys(variables).some((name) => !name.toLowerCase().startsWith('no_'));
    const fromProcess = isSet(proxyEnvironment.process);
    const variables = fromProcess ? proxyEnvironment.process : proxyEnvironment.file;
    if (!isSet(variables)) {
      return [{ subject: 'environment', reason: 'no-proxy', message: 'No proxy is set in the environment.' }];
    }
    const place = fromProcess ? 'the environment' : '/etc/environment';
    const chosen =
      'value' in interfaces && 'value' in routes ? chooseNodeAddress(interfaces.value, routes.value) : null;
    const endpoint = hostOf(plan.join?.endpoint ?? plan.controlPlaneEndpoint ?? '');
    const own = plan.advertiseAddress ?? plan.nodeIp[0] ?? chosen?.address ?? null;
    const hosts = [...new Set([endpoint, own].filter((each) => each !== null && each !== ''))].flatMap((host) =>
      host === null ? [] : [{ subject: host, host, kubeadm: 'HTTPProxy' }],
    );
    const networks = [...plan.podCidr, ...plan.serviceCidr].flatMap((text) => {
      const cidr = parseCidr(text);
      // kubeadm asks for the first address of the network too.
      return cidr === null
        ? []
        : [{ subject: text, host: formatIp({ family: cidr.family, bits: cidr.base + 1n }), kubeadm: 'HTTPProxyCIDR' }];
    });
    const proxied = [...hosts, ...networks].flatMap((each) => {
      const proxy = proxyFor(each.host, variables);
      return proxy === null ? [] : [{ ...each, proxy }];
    });
    const missing = proxied.map(({ subject }) => subject).join(',');
    if (proxied.length === 0) {
      const asked = [...hosts, ...networks].map(({ subject }) => subject);
      return [
        {
          subject: 'environment',
          reason: 'direct',
          message: `A proxy is set in ${place}, and not for ${asked.length === 0 ? 'what is known of the cluster' : asked.join(', ')}.`,
          evidence: { variables },
        },
      ];
    }
    return proxied.map(({ subject, proxy, kubeadm }) => ({
      subject,
      reason: 'proxied' as const,
      kubeadm,
      message: `Connections to ${subject} would go through the proxy ${proxy}, which ${place} sets.`,
      why: 'kubeadm, and the components that inherit its environment, would talk to the cluster through it.',
      expected: 'a direct connection',
      actual: proxy,
      evidence: { variables },
      remedy: {
        text: 'Name the cluster in NO_PROXY, in the shell that runs kubeadm and in /etc/environment; kubeadm writes it into the manifests of the control plane.',
        commands: [
          `export NO_PROXY=${shellQuote([variables['NO_PROXY'] ?? variables['no_proxy'], missing].filter(Boolean).join(','))} && export no_proxy="$NO_PROXY"`,
          `printf '\\nNO_PROXY=%s\\nno_proxy=%s\\n' "$NO_PROXY" "$NO_PROXY" >> /etc/environment`,
        ],
      },
    }));
  },
});

/** HOST of `HOST:PORT` or `[HOST]:PORT`. */
function hostOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
