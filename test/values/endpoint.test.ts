import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { formatEndpoint, parseEndpoint } from '../../src/values/endpoint.ts';

test.each([
  ['api.example.org:6443', 'api.example.org:6443'],
  ['API.Example.org', 'api.example.org:6443'],
  ['10.0.0.11', '10.0.0.11:6443'],
  ['10.0.0.11:443', '10.0.0.11:443'],
  ['[FD00::11]:8443', '[fd00::11]:8443'],
  ['[fd00::11]', '[fd00::11]:6443'],
  ['fd00:0::11', '[fd00::11]:6443'],
])('%s', (text, expected) => {
  const endpoint = parseEndpoint(text, 6443);
  expect(endpoint && formatEndpoint(endpoint)).toBe(expected);
});

test.each([
  '',
  ':',
  ':6443',
  'a b:1',
  'host:0',
  'host:65536',
  'host:x',
  'host:',
  '10.0.0.256',
  '1.2.3',
  'fe80::1%eth0',
  '[::1',
  '[host]:1',
  'a..b',
  '-a',
  'https://h:1',
  'h/x',
])('refuses %j', (text) => {
  expect(parseEndpoint(text, 6443)).toBeNull();
});

test('what it accepts reads back the same, and nothing makes it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.domain()),
      fc.integer({ min: 1, max: 65_535 }),
      (text, port) => {
        const endpoint = parseEndpoint(text, port);
        const again = endpoint === null ? null : parseEndpoint(formatEndpoint(endpoint), 1);
        expect(again).toEqual(endpoint);
      },
    ),
  );
});
