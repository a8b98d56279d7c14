import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyPair {
  /** Paths. */
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends KeyPair {
  readonly directory: string;
  /** A certificate for server and client of these names, as in `DNS:localhost,IP:127.0.0.1`. */
  issue(commonName: string, names: string): KeyPair;
}

function openssl(directory: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority of its own in a directory that is only its own; who makes it removes it. */
export function makeAuthority(commonName: string): Authority {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-ca-'));
  const pair = (name: string): KeyPair => {
    const [certFile, keyFile] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)];
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  };
  openssl(
    directory,
    'req',
    '-x509',
    ...NEW_KEY,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    `/CN=${commonName}`,
    '-days',
    '2',
  );
  let serial = 1;
  return {
    ...pair('ca'),
    directory,
    issue: (subject, names) => {
      const name = `leaf${serial++}`;
      writeFileSync(join(directory, `${name}.ext`), `subjectAltName=${names}\n`);
      openssl(directory, 'req', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${subject}`);
      const signing = `x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -set_serial ${serial} -days 2 -extfile ${name}.ext -out ${name}.crt`;
      openssl(directory, ...signing.split(' '));
      return pair(name);
    },
  };
}
