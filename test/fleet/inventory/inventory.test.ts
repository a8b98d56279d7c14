import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseInventory } from '../../../src/fleet/inventory/inventory.ts';
import { noNode } from '../../../src/fleet/no-node.ts';
import { sshArguments } from '../../../src/fleet/ssh-target.ts';

const recorded = (name: string) => readFileSync(join(import.meta.dirname, 'recorded', name), 'utf8');
const PLAIN = { port: null, user: null, keyFile: null, args: [], becomesRoot: false };

test("Kubespray's groups are roles, and what is in none of them is left out", async () => {
  const { nodes, leftOut, externalEtcd } = await parseInventory(recorded('hosts.ini'), 'hosts.ini');
  expect(nodes.map(({ name, roles, address }) => [name, ...roles, address])).toEqual([
    ['cp1', 'control-plane', 'etcd', '192.168.7.11'],
    ['cp2', 'control-plane', 'etcd', null],
    ['cp3', 'control-plane', 'etcd', null],
    ['node01.example.org', 'worker', null],
    ['node02.example.org', 'worker', null],
    ['node03.example.org', 'worker', null],
    ['2001:db8::5', 'worker', null],
  ]);
  expect({ leftOut, externalEtcd }).toEqual({ leftOut: ['bastion1'], externalEtcd: false });
  const args = ['-o', 'ProxyCommand=ssh -W %h:%p -q jump@203.0.113.9', '-o', 'ControlPersist=60s'];
  expect(nodes.map(({ target }) => target)).toMatchObject([
    { host: '10.0.0.11', port: 22, user: 'cluster', keyFile: null, args, becomesRoot: false },
    { host: '10.0.0.12', port: 2222 },
    { host: '10.0.0.13', keyFile: '~/keys/cp 3' },
    { host: 'node01.example.org', user: 'worker', becomesRoot: true },
    { host: 'node02.example.org' },
    { host: 'node03.example.org' },
    { host: '2001:db8::5', port: 2022, user: 'core', becomesRoot: false },
  ]);
});

test('members of etcd that are machines of their own make it an external one', async () => {
  const { nodes, leftOut, externalEtcd } = await parseInventory(recorded('hosts.yaml'), 'hosts.yaml');
  expect(nodes.map(({ name, roles }) => [name, ...roles])).toEqual([
    ['cp1', 'control-plane'],
    ['w1', 'worker'],
    ['w2', 'worker'],
    ['w3', 'worker'],
    ['ea.example.org', 'etcd'],
    ['eb.example.org', 'etcd'],
    ['ec.example.org', 'etcd'],
  ]);
  expect({ leftOut, externalEtcd }).toEqual({ leftOut: ['lb1'], externalEtcd: true });
});

test('of groups side by side the one of higher priority counts, and else the last by name', async () => {
  const portOf = async (priority: string) => {
    const groups = `[alpha]\nw1\n[alpha:vars]\nansible_port=1111\n${priority}\n[zeta]\nw1\n[zeta:vars]\nansible_port=2222\n`;
    return (await parseInventory(`[workers]\nw1\nw2\n${groups}`, 'h')).nodes[0]?.target.port;
  };
  // What ansible-inventory 2.14 says of the same text.
  expect(await portOf('')).toBe(2222);
  expect(await portOf('ansible_group_priority=10')).toBe(1111);
  expect(await portOf('ansible_group_priority=-1')).toBe(2222);
});

test('without groups of a role all hosts take part', async () => {
  const { nodes, leftOut } = await parseInventory(recorded('flat.ini'), 'flat.ini');
  expect(nodes.map(({ name, roles, target }) => [name, roles, target])).toEqual([
    ['a.example.org', [], { ...PLAIN, host: 'a.example.org' }],
    ['10.0.0.2', [], { ...PLAIN, host: '10.0.0.2' }],
    ['b', [], { ...PLAIN, host: '10.0.0.3', port: 2200, user: 'x' }],
  ]);
  expect(leftOut).toEqual([]);
});

test.each(['masters', 'kube-master', 'control_plane', 'kube_control_plane'])('%s are control planes', async (group) => {
  const { nodes } = await parseInventory(`[${group}]\na\n[workers]\nb\n`, 'h');
  expect(nodes.map(({ roles }) => roles)).toEqual([['control-plane'], ['worker']]);
});

test('arguments of ssh end before the host, whatever it is called', () => {
  expect(
    sshArguments({ host: 'h', port: 2, user: 'u', keyFile: '/k', args: ['-J', 'jump'], becomesRoot: false }),
  ).toEqual(['-J', 'jump', '-p', '2', '-l', 'u', '-i', '/k', '--', 'h']);
});

test('what is told of a node that cannot be had holds no argument of the inventory: it may hold a password', async () => {
  const args = `ansible_ssh_common_args='-o ProxyCommand="sshpass -p hunter2 ssh -W %h:%p jump"' ansible_user=core`;
  const { nodes } = await parseInventory(`n1 ${args}\nn2 ansible_user=core\n`, 'h');
  const told = nodes.map((node) => noNode(node, 'login', `${node.name} is not there.`).ssh);
  expect(told).toEqual([
    { problem: 'login', to: ['-l', 'core', '--', 'n1'], withheld: true },
    { problem: 'login', to: ['-l', 'core', '--', 'n2'] },
  ]);
});

describe('what only Ansible can tell is refused, with the line', () => {
  test.each([
    ['n1 ansible_user="{{ admin }}"\nn2', /^h:1: ansible_user of n1 is a template/],
    ['n1\nn2 ansible_host="$ANSIBLE_VAULT;1.1;AES256"', /^h:2: ansible_host of n2 is encrypted by ansible-vault/],
    ['$ANSIBLE_VAULT;1.1;AES256\n6162', /^h: is encrypted by ansible-vault/],
    ['#!/usr/bin/env python3\n', /^h: is a program/],
    ['n1 ansible_connection=winrm\nn2', /^h:1: n1 is reached by "winrm"/],
    ['n1 ansible_port=0\nn2', /^h:1: ansible_port of n1 must be/],
    ['n1 ansible_host=-oProxyCommand=x\nn2', /^h:1: ansible_host of n1 must be/],
    ['n1 ansible_user=-x\nn2', /^h:1: ansible_user of n1 must be/],
    ['n1 ansible_become=true ansible_become_method=su\nn2', /^h:1: ansible_become_method of n1 is "su"/],
    ['n1 ansible_become=true ansible_become_user=k8s\nn2', /^h:1: ansible_become_user of n1/],
    ['n1 ansible_ssh_common_args="-o \'x"\nn2', /^h:1: arguments of ssh for n1: a quote is not closed/],
    ['n1\n', /^h: names one host that takes part/],
    ['', /^h: names no host/],
  ])('%j', async (text, said) => {
    await expect(parseInventory(text, 'h')).rejects.toThrow(said);
  });

  test('a vaulted value in YAML', async () => {
    const text =
      'all:\n  hosts:\n    n1:\n      ansible_user: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6162\n    n2:\n';
    await expect(parseInventory(text, 'h.yml')).rejects.toThrow(/^h.yml:4:7: ansible_user of n1 is encrypted/);
  });
});

test('groups in groups in groups take no time to speak of', async () => {
  const layers = Array.from({ length: 40 }, (_, at) =>
    ['a', 'b'].map((side) => `[l${at}${side}:children]\nl${at + 1}a\nl${at + 1}b\n`),
  );
  const text = `[l40a]\nn1\n[l40b]\nn2\n${layers.flat().join('')}[kube_node:children]\nl0a\n[others]\nn3\n`;
  const { nodes, leftOut } = await parseInventory(text, 'hosts.ini');
  expect({ nodes: nodes.map(({ name }) => name), leftOut }).toEqual({ nodes: ['n1', 'n2'], leftOut: ['n3'] });
});
