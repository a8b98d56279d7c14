import { expect } from 'vitest';
import { FORMAT_NAMES } from '../../src/values/format-names.ts';
import { labTest } from './lab.ts';
import { cluster, laptop } from './ssh.ts';

const INVENTORY = `
[kube_control_plane]
zanzibar ansible_host=pepper.acme.test ansible_ssh_common_args='-o HostKeyAlias=10.77.0.1'
[kube_node]
mombasa ansible_host=saffron.acme.test ansible_user=falcon ansible_ssh_private_key_file=/root/otter/id ansible_ssh_common_args='-o HostKeyAlias=10.77.0.2'
kilifi ansible_host=nutmeg.acme.test
[rest]
lamu ansible_host=cumin.acme.test
`;

labTest('--redact: who is reached, as whom, by which key and what ssh said of it is nowhere', async ({ lab }) => {
  const { key, known } = await cluster(lab, [{}, { refuses: true }]);
  const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
  own.write('/etc/hosts', '10.77.0.1 pepper.acme.test\n10.77.0.2 saffron.acme.test\n');
  own.write('/etc/nsswitch.conf', 'hosts: files\n');
  own.write('/root/tulip.ini', INVENTORY);
  await own.sh('mkdir /root/written');
  const outputs = FORMAT_NAMES.flatMap((format) => ['-o', `${format}=/root/written/${format}`]);
  const args = ['mesh', '--ssh', '--inventory', '/root/tulip.ini', '--only', 'ports/reachable', ...outputs, '-v'];
  const read = async () => {
    const names = [...FORMAT_NAMES, 'facts'];
    return Promise.all(names.map((name) => own.sh(`cat /root/written/${name}`)));
  };
  const secrets = [
    'zanzibar',
    'mombasa',
    'kilifi',
    'pepper',
    'saffron',
    'nutmeg',
    'acme',
    'falcon',
    'otter',
    'tulip',
    'lamu',
    'cumin',
  ];

  const shown = await own.cli(...args, '--save-facts', '/root/written/facts');
  expect(shown.code).toBe(3);
  expect(shown.stderr).toBe('seaworthy: /root/tulip.ini: left out, in no group that has a role: lamu\n');
  const plain = (await read()).join('') + shown.stderr;
  // Where one that could be had, or was not asked, is stands nowhere anyway.
  expect(secrets.filter((secret) => !plain.includes(secret))).toEqual(['pepper', 'cumin']);
  expect(plain).toContain('Permission denied');
  const hidden = await own.cli(...args, '--save-facts', '/root/written/facts', '--redact');
  expect(hidden.code).toBe(3);
  expect(hidden.stderr).toMatch(/^seaworthy: file-\d: left out, in no group that has a role: host-\d\n$/);
  for (const text of [...(await read()), hidden.stderr]) {
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toMatch(/10\.77\.0\.\d/);
  }
});
