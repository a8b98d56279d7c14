import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import proxyEnvironment, { withoutCredentials } from '../../src/facts/proxy-environment.ts';
import { readFrom } from './read-from.ts';

test('of the process and of /etc/environment, without credentials', async () => {
  const environment = {
    HTTPS_PROXY: 'http://user:p%40ss@proxy:3128',
    no_proxy: '10.0.0.0/8',
    PATH: '/bin',
    HTTP_PROXY: '',
  };
  const files = {
    'etc/environment': 'PATH=/bin\nexport https_proxy="http://u:p@w:1/"\n# HTTP_PROXY=x\nNO_PROXY=\'a,b\'\n',
  };
  expect(await readFrom(proxyEnvironment, files, { differs: { environment } })).toEqual({
    process: { HTTPS_PROXY: 'http://proxy:3128', no_proxy: '10.0.0.0/8' },
    file: { https_proxy: 'http://w:1/', NO_PROXY: 'a,b' },
  });
});

test('neither', async () => {
  expect(await readFrom(proxyEnvironment, {})).toEqual({ process: {}, file: {} });
});

test('no password is left, however odd', () => {
  const secret = fc.string({ minLength: 1 });
  const scheme = fc.constantFrom('http://', 'https://', 'socks5://', '//', '');
  fc.assert(
    fc.property(scheme, secret, (start, word) => {
      expect(withoutCredentials(`${start}user:${word}@proxy:3128`)).toBe(`${start}proxy:3128`);
    }),
  );
});
