import { expect, test } from 'vitest';
import { withoutTokens } from '../../src/values/tokens.ts';

test.each([
  ['abcdef.0123456789abcdef', '(token)'],
  ['--join=abcdef.0123456789abcdef"', '--join=(token)"'],
  ['./ABCDEF.0123456789abcdef and x_abcdef.0123456789abcdef', './(token) and x_(token)'],
  ['swt1.3q2-7w_x', '(token)'],
  ['"kubeadm join cp1:6443 --token abcdef.0123456789abcdef', '"kubeadm join cp1:6443 --token (token)'],
])('%s', (text, shown) => expect(withoutTokens(text)).toBe(shown));

test.each([
  '10.244.0.0/16',
  'v1.36.2',
  'worker.example.org',
  'abcdef.0123456789abcde',
  'abcdef.0123456789abcdef0',
  'swt1.',
])('%s is none', (text) => expect(withoutTokens(text)).toBe(text));
