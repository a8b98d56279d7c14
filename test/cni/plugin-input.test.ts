import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultOfAttachment, parameters } from '../../src/cni/attachment.ts';
import { pluginInput } from '../../src/cni/plugin-input.ts';
import { parseList } from '../../src/kubernetes/cni/config-list.ts';
import { POD } from './fake-plugins.ts';

function input(plugin: object, capabilities: Record<string, unknown> = {}, list: object = {}): unknown {
  const parsed = parseList(
    JSON.stringify({ cniVersion: '1.0.0', name: 'net', ...list, plugins: [{ type: 'p', ...plugin }] }),
  );
  if ('problem' in parsed) throw new Error(parsed.problem);
  const [first] = parsed.value.plugins;
  return first && JSON.parse(pluginInput(parsed.value, first, { ...POD, capabilities }, null));
}

const own = { type: 'p', name: 'net', cniVersion: '1.0.0' };

test('name and version are those of the network, whatever the plugin’s object says', () => {
  expect(input({ name: 'other', cniVersion: '0.2.0' })).toEqual(own);
  expect(input({}, {}, { cniVersions: ['0.4.0', '1.1.0', '1.2.0'] })).toEqual({ ...own, cniVersion: '1.1.0' });
  expect(input({}, {}, { cniVersion: undefined })).toEqual({ ...own, cniVersion: '0.1.0' });
});

test('what belongs to the runtime is not taken from the file', () => {
  const reserved = { args: { cni: {} }, runtimeConfig: { mac: 'x' }, prevResult: {}, 'cni.dev/valid-attachments': [] };
  expect(input({ ...reserved, capabilities: { portMappings: true }, argsOfMine: 1 })).toEqual({
    ...own,
    argsOfMine: 1,
  });
});

test('runtimeConfig has the capabilities that are on and that there is data for', () => {
  const capabilities = { portMappings: true, bandwidth: false, mac: true };
  const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }];
  expect(input({ capabilities }, { portMappings, bandwidth: {}, ips: [] })).toEqual({
    ...own,
    runtimeConfig: { portMappings },
  });
  expect(input({ capabilities }, { bandwidth: {}, ips: [] })).toEqual(own);
  expect(input({ capabilities: { toString: true } })).toEqual(own);
});

test('any other key goes through as it is', () => {
  const key = fc
    .string()
    .filter(
      (name) =>
        ![
          'type',
          'name',
          'cniVersion',
          'cniVersions',
          'ipam',
          'args',
          'runtimeConfig',
          'prevResult',
          'capabilities',
          '__proto__',
        ].includes(name) && !name.startsWith('cni.dev/'),
    );
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), (keys) => {
      expect(input(keys)).toEqual(JSON.parse(JSON.stringify({ ...keys, ...own })));
    }),
  );
});

test('all six parameters, and none that a plugin would refuse', () => {
  expect(parameters('DEL', { ...POD, netns: '', args: {} }, ['/a', '/b'])).toEqual({
    CNI_COMMAND: 'DEL',
    CNI_CONTAINERID: 'pod-1',
    CNI_NETNS: '',
    CNI_IFNAME: 'eth0',
    CNI_ARGS: '',
    CNI_PATH: '/a:/b',
  });
  expect(faultOfAttachment(POD)).toBeNull();
  for (const containerId of ['', '-a', 'a/b', 'a b', 'a\n'])
    expect(faultOfAttachment({ ...POD, containerId })).toContain('container');
  for (const ifname of ['', '.', '..', 'a/b', 'a:b', 'a b', 'abcdefghijklmnop'])
    expect(faultOfAttachment({ ...POD, ifname })).toContain('interface');
  for (const args of [{ 'a=b': '' }, { '': '' }, { a: 'b;c' }, { a: '\0' }])
    expect(faultOfAttachment({ ...POD, args })).toContain('CNI_ARGS');
});
