import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build.ts';
import { PlanError } from '../../src/plan/errors.ts';
import { formatListen, toListen } from '../../src/plan/listen-address.ts';
import { peerNames } from '../../src/plan/peer-name.ts';
import { BadValue } from '../../src/plan/errors.ts';
import { effectiveConfiguration } from '../../src/plan/effective.ts';

describe('--peer', () => {
  test.each([
    ['10.0.0.11', null, '10.0.0.11', 10_777],
    ['worker@10.0.0.11', 'worker', '10.0.0.11', 10_777],
    ['control-plane@10.0.0.11:99', 'control-plane', '10.0.0.11', 99],
    ['etcd@[fd00::11]:99', 'etcd', 'fd00::11', 99],
    ['fd00:0::11', null, 'fd00::11', 10_777],
    ['[fd00::11]', null, 'fd00::11', 10_777],
    ['W1.Example.org:1', null, 'w1.example.org', 1],
    [' w1 ', null, 'w1', 10_777],
  ])('%s', (text, role, host, port) => {
    expect(peerNames([text])).toEqual([{ roles: role === null ? [] : [role], host, port, text: text.trim() }]);
  });

  test.each([
    '',
    '@',
    'worker@',
    '@w1',
    'root@w1',
    'Worker@w1',
    'worker@worker@w1',
    'w1:0',
    'w1:65536',
    'w1:',
    'w1:x',
    'https://w1',
    '10.0.0',
    '10.0.0.256',
    '0.0.0.0',
    '[::]:1',
    'fe80::1%eth0',
    'w_1',
    'w1/24',
    '-w1',
  ])('%s is none', (text) => {
    expect(() => peerNames([text])).toThrow(/must be \[ROLE@\]HOST\[:PORT\].*control-plane, worker, etcd/);
  });

  test('a role that is nearly one is guessed', () => {
    expect(() => peerNames(['workr@w1'])).toThrow(expect.objectContaining({ nearest: 'worker' }));
  });

  test.each([[['w1', 'w1']], [['w1', 'worker@W1']], [['[fd00::1]:10777', 'fd00:0:0::1']]])(
    '%j name one machine twice',
    (texts) => {
      expect(() => peerNames(texts)).toThrow('each machine once');
    },
  );

  test('two ports of one address are two peers', () => {
    expect(peerNames(['127.0.0.1:1', '127.0.0.1:2'])).toHaveLength(2);
  });

  test('whatever is said is a peer or refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const [name] = peerNames([text]);
          expect(peerNames([name?.text ?? ''])).toEqual([name]);
        } catch (error) {
          if (!(error instanceof BadValue)) throw error;
        }
      }),
    );
  });
});

describe('--listen', () => {
  test.each([
    [':10777', null, 10_777],
    ['0.0.0.0:1', '0.0.0.0', 1],
    ['[::]:1', null, 1],
    ['[::1]:10777', '::1', 10_777],
    ['[fd00:0::1]:65535', 'fd00::1', 65_535],
    ['10.0.0.1:80', '10.0.0.1', 80],
  ])('%s', (text, address, port) => {
    expect(toListen(text)).toEqual({ address, port });
    expect(toListen(formatListen(toListen(text)))).toEqual({ address, port });
  });

  test.each([
    '',
    ':',
    '10777',
    '10.0.0.1',
    ':0',
    ':65536',
    '[]:1',
    '::1:10777',
    '[10.0.0.1]:1',
    'w1:1',
    'fe80::1',
    '[fe80::1%eth0]:1',
    '1.2.3:4',
  ])('%s is none', (text) => {
    expect(() => toListen(text)).toThrow(/must be ADDR:PORT or :PORT/);
  });
});

describe('in a plan', () => {
  const planOf = (flags: Record<string, string>, environment = {}, text = '') =>
    buildPlan({
      flags: Object.entries(flags).map(([flag, value]) => ({ flag, value })),
      environment,
      configuration: { name: 'seaworthy.yaml', text },
      warn: () => undefined,
    });

  test('peers come from a flag, a variable and a configuration, the stronger one alone', async () => {
    const peers = async (...said: Parameters<typeof planOf>) =>
      (await planOf(...said)).settings.peers.map(({ text }) => text);
    const text = 'peer: [worker@w1, w2]\n';
    expect(await peers({}, {}, text)).toEqual(['worker@w1', 'w2']);
    expect(await peers({}, { SEAWORTHY_PEER: 'w3,w4' }, text)).toEqual(['w3', 'w4']);
    expect(await peers({ '--peer': 'w5,w6' }, { SEAWORTHY_PEER: 'w3' }, text)).toEqual(['w5', 'w6']);
  });

  test('the others', async () => {
    const { settings } = await planOf(
      { '--wait': '5m', '--for': '10m' },
      { SEAWORTHY_LISTEN: '[::1]:1' },
      'tokenFile: /etc/seaworthy/token\n',
    );
    expect(settings).toMatchObject({
      wait: 300_000,
      listenFor: 600_000,
      listen: { address: '::1', port: 1 },
      tokenFile: '/etc/seaworthy/token',
    });
    expect((await planOf({})).settings).toMatchObject({
      peers: [],
      wait: 0,
      listenFor: null,
      listen: null,
      tokenFile: null,
    });
  });

  test.each([
    ['--wait', '25h'],
    ['--for', '1ms'],
    ['--for', '1000h'],
    ['--token-file', ''],
  ])('%s %s is refused', async (flag, value) => {
    await expect(planOf({ [flag]: value })).rejects.toThrow(PlanError);
  });

  test('the effective configuration reads back to the same', async () => {
    const flags = {
      '--peer': 'worker@[fd00::1]:1',
      '--wait': '90s',
      '--listen': ':7',
      '--for': '1h',
      '--token-file': 't',
    };
    const { settings } = await planOf(flags);
    const again = await planOf({}, {}, effectiveConfiguration(await planOf(flags)));
    expect(again.settings).toEqual(settings);
  });

  test('SEAWORTHY_TOKEN is no part of it', async () => {
    const plan = await planOf({}, { SEAWORTHY_TOKEN: 'swt1.secret' });
    expect(JSON.stringify(plan) + effectiveConfiguration(plan)).not.toContain('secret');
  });
});

describe('who is meant over ssh, and how a peer speaks', () => {
  const plan = async (flags: readonly (readonly [string, string | null])[], text = '') =>
    buildPlan({
      flags: flags.map(([flag, value]) => ({ flag, value })),
      environment: {},
      configuration: text === '' ? null : { name: 'seaworthy.yaml', text },
      warn: () => undefined,
    });

  test('an inventory names the peers, or --peer does: the stronger one, and of two equals neither', async () => {
    const both = plan([
      ['--inventory', 'hosts.ini'],
      ['--peer', 'w1'],
    ]);
    await expect(both).rejects.toMatchObject({ code: 'conflict', about: '--inventory' });
    const byFlag = await plan([['--inventory', 'hosts.ini']], 'peer: [w1, w2]\nssh: true\n');
    expect(byFlag.settings).toMatchObject({ peers: [], inventory: 'hosts.ini', ssh: true });
    const byPeer = await plan([['--peer', 'w1']], 'inventory: hosts.ini\n');
    expect(byPeer.settings).toMatchObject({ peers: [{ host: 'w1' }], inventory: null });
  });

  test('a peer has a port, or standard input and output', async () => {
    const both = plan([
      ['--stdio', null],
      ['--listen', ':1'],
    ]);
    await expect(both).rejects.toMatchObject({ code: 'conflict', about: '--stdio' });
    expect((await plan([['--stdio', null]], 'listen: ":99"\n')).settings).toMatchObject({ listen: null, stdio: true });
    expect((await plan([['--listen', ':99']], 'stdio: true\n')).settings).toMatchObject({ stdio: false });
  });
});
