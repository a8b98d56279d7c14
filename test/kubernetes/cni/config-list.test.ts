import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultOf, isPluginType, parseList, parseSingle } from '../../../src/kubernetes/cni/config-list.ts';

const problem = (text: string) => {
  const parsed = parseList(text);
  return 'problem' in parsed ? parsed.problem : null;
};
const list = (extra: object) =>
  JSON.stringify({ cniVersion: '1.0.0', name: 'n', plugins: [{ type: 'bridge' }], ...extra });

test('a real list, with every unknown key kept', () => {
  const parsed = parseList(
    '{"cniVersion":"1.0.0","name":"klnet","x":1,"plugins":[{"type":"bridge","bridge":"cni0","mine":{"a":[1]},"ipam":{"type":"host-local","ranges":[[{"subnet":"10.245.2.0/24"}]]}},{"type":"portmap","capabilities":{"portMappings":true,"dns":false}}]}',
  );
  expect(parsed).toMatchObject({
    value: {
      name: 'klnet',
      version: '1.0.0',
      disableCheck: false,
      plugins: [
        { type: 'bridge', ipamType: 'host-local', raw: { bridge: 'cni0', mine: { a: [1] } } },
        { type: 'portmap', ipamType: null, capabilities: ['portMappings'] },
      ],
    },
  });
});

test.each([
  ['', 'it is empty'],
  ['\0\u0001', 'it is not valid JSON'],
  ['{"name":\n1 2}', 'it is not valid JSON (line 2 column 3)'],
  ['[]', 'it is not a JSON object'],
  ['null', 'it is not a JSON object'],
  ['{"plugins":[{"type":"a"}]}', '"name": expected string'],
  [list({ name: 7 }), '"name": expected string, received number'],
  [list({ cniVersion: 1 }), '"cniVersion": expected string'],
  [list({ cniVersions: ['1.x'] }), '"cniVersions.0": not a version'],
  [list({ plugins: [] }), '"plugins": it is empty'],
  [list({ plugins: {} }), '"plugins": expected array'],
  [list({ plugins: [{}] }), 'plugins[0]: "type": expected string'],
  [list({ plugins: [{ type: '' }] }), 'plugins[0]: "type": it is empty'],
  [list({ plugins: ['bridge'] }), 'plugins[0]: it is not an object'],
  [list({ plugins: [{ type: 'a', capabilities: { x: 'yes' } }] }), 'plugins[0]: "capabilities.x": expected boolean'],
  [list({ disableCheck: 'maybe' }), '"disableCheck"'],
  [list({ plugins: undefined, loadOnlyInlinedPlugins: true }), 'loadOnlyInlinedPlugins forbids others'],
])('%j is refused', (text, why) => {
  expect(problem(text)).toContain(why);
});

test('booleans as strings, a list without plugins', () => {
  expect(parseList(list({ disableCheck: 'TRUE', disableGC: 'false' }))).toMatchObject({
    value: { disableCheck: true, disableGC: false },
  });
  expect(parseList('{"name":"n","loadOnlyInlinedPlugins":"false"}')).toMatchObject({
    value: { plugins: [], version: '0.1.0' },
  });
});

test('a single plugin, and a list in its place', () => {
  expect(parseSingle('{"name":"n","type":"ptp","cniVersion":"0.4.0"}')).toMatchObject({
    value: { name: 'n', version: '0.4.0', plugins: [{ type: 'ptp' }] },
  });
  expect(parseSingle(list({}))).toEqual({ problem: 'it holds a list of plugins, which only a .conflist file may' });
});

test.each([
  ['n', 'bridge', null],
  ['', 'bridge', 'the network has no name'],
  ['../n', 'bridge', 'the name of the network is not one'],
  ['a b', 'bridge', 'the name of the network is not one'],
  ['n', '../../bin/sh', 'a plugin type is a path, and not a name'],
  ['n', '..', 'a plugin type is a path, and not a name'],
])('network %j with plugin %j: %j', (name, type, fault) => {
  const parsed = parseList(list({ name, plugins: [{ type }] }));
  expect('value' in parsed ? faultOf(parsed.value) : 'refused').toBe(fault);
});

test('an ipam type may be no path either', () => {
  const parsed = parseList(list({ plugins: [{ type: 'a', ipam: { type: '/bin/sh' } }] }));
  expect('value' in parsed ? faultOf(parsed.value) : null).toBe('a plugin type is a path, and not a name');
  expect(isPluginType('a\0b')).toBe(false);
});

test('any text and any JSON is a network or one sentence', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((value) => `{"name":"n","plugins":[{"type":"a","x":${value}}]}`),
  );
  fc.assert(
    fc.property(text, (input) => {
      const told = [parseList(input), parseSingle(input)].map((parsed) =>
        'problem' in parsed ? parsed.problem !== '' : parsed.value.plugins.every(({ type }) => type !== ''),
      );
      expect(told).toEqual([true, true]);
    }),
  );
});

test('deep nesting is no problem', () => {
  const deep = `{"name":"n","plugins":[{"type":"a","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`;
  expect(parseList(deep)).toMatchObject({ value: { name: 'n' } });
});
