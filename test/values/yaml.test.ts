import { expect, test } from 'vitest';
import { parseYaml } from '../../src/values/yaml.ts';

test('YAML and JSON, with the booleans of YAML 1.1 and the last of two equal keys', async () => {
  expect(await parseYaml('{"a": [1, "x"]}')).toEqual({ document: { a: [1, 'x'] } });
  expect(await parseYaml('a: no\nb: on\na: yes\n')).toEqual({ document: { a: true, b: true } });
  expect(await parseYaml('')).toEqual({ document: null });
});

test.each(['a: [', '*nowhere', 'a: 1\n---\nb: 2'])('none: %j', async (text) => {
  expect(await parseYaml(text)).toBeNull();
});
