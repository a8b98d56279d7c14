import * as z from 'zod';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    process: z.record(z.string(), z.string()).describe('proxy variables of this process, without credentials'),
    file: z.record(z.string(), z.string()).describe('the same of /etc/environment, which a login gets'),
  });

/** What Go's net/http reads: https://pkg.go.dev/net/http#ProxyFromEnvironment */
const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];

export default defineFact({
  title: 'proxy variables of the environment',
  schema,
  read: async (system) => ({
    process: proxyVariables(Object.entries(system.environment)),
    file: proxyVariables(assignments((await system.readTextIfThere('/etc/environment')) ?? '')),
  }),
});

function proxyVariables(entries: Iterable<readonly [string, string | undefined]>): Record<string, string> {
  const named = new Map(entries);
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = named.get(name);
      return value === undefined || value === ''
        ? []
        : [[name, name.toLowerCase() === 'no_proxy' ? value : withoutCredentials(value)]];
    }),
  );
}

/** Lines as pam_env(8) reads them: `NAME=value`, with `export` before and quotes around allowed. */
function assignments(text: string): [string, string][] {
  return [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(.*)$/gm)].map(([, name, value]) => [
    name ?? '',
    (value ?? '').trim().replace(/^(["'])(.*)\1$/, '$2'),
  ]);
}

/** A proxy is often `http://user:password@host:port`; what stands before the last @ goes, but for the scheme. */
export function withoutCredentials(proxy: string): string {
  return proxy.replace(/^(\s*(?:[a-z][a-z0-9+.-]*:)?\/\/)?.*@/is, '$1');
}
