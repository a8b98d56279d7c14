import { expect, test } from 'vitest';
import { proxyFor } from '../../src/values/proxy-for.ts';

const proxy = 'http://proxy:3128';

test.each([
  ['10.0.0.11', '', true],
  ['10.0.0.11', '10.0.0.0/8', false],
  ['10.0.0.11', '192.168.0.0/16, 10.0.0.11', false],
  ['10.0.0.11', '10.0.0.11:6443', false],
  ['10.0.0.11', '10.0.0.1', true],
  ['10.0.0.11', '*', false],
  ['2001:db8::1', '2001:DB8:0::/48', false],
  ['2001:db8::1', '[2001:db8::1]:6443', false],
  ['2001:db8::1', '10.0.0.0/8', true],
  ['k8s.example.org', 'example.org', false],
  ['k8s.example.org', '.example.org', false],
  ['K8S.Example.org', '*.example.ORG', false],
  ['example.org', '.example.org', true],
  ['badexample.org', 'example.org', true],
  ['127.0.0.1', '', false],
  ['::1', '', false],
  ['localhost', '', false],
])('%s with NO_PROXY %s', (host, NO_PROXY, proxied) => {
  expect(proxyFor(host, { HTTPS_PROXY: proxy, NO_PROXY })).toBe(proxied ? proxy : null);
});

test('a proxy for plain HTTP is none for https', () => {
  expect(proxyFor('10.0.0.11', { HTTP_PROXY: proxy })).toBeNull();
});
