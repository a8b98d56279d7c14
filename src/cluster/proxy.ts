import { proxyFor } from '../values/proxy-for.ts';
import { badKubeconfig } from './access.ts';

/**
 * The proxy on the way to a server, as client-go takes it: that of the kubeconfig, else that of the environment; null for none.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/socks5-proxy-access-api/
 */
export function proxyOf(
  { protocol, hostname }: URL,
  said: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): URL | null {
  const named = said !== null && said !== '';
  const variables = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  // What is not encrypted is for a proxy of kubectl on this machine.
  const text = named ? said : protocol === 'https:' ? proxyFor(host, variables) : null;
  if (text === null) return null;
  const from = named ? 'its proxy-url' : 'the variable HTTPS_PROXY';
  const whole = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(whole)) throw badKubeconfig(`${from} is no URL`);
  const url = new URL(whole);
  if (!['http:', 'https:'].includes(url.protocol))
    throw badKubeconfig(
      `${from} names a proxy of the kind ${url.protocol.slice(0, -1)}; http and https are spoken here`,
    );
  return url;
}
