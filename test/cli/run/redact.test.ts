import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { machine, removeDirectories, runCli, temporaryDirectory } from '../seaworthy.ts';

afterAll(removeDirectories);

const ID = '3d1219c7c4c5404aaa1f6d2a48adfda4';
const roots = [machine(ID, 'zanzibar.acme.test'), machine(ID, 'mombasa.acme.test')] as const;
const SECRETS = /zanzibar|\bzy\b|mombasa|acme|3d1219c7|10\.11\.12\.13|seaworthy-cli-/;
const SAID = ['--node-ip', '10.11.12.13', '--control-plane-endpoint', 'api.acme.test:6443', '--only', 'identity'];

test('reports and saved facts hide the same thing behind the same word', async () => {
  const directory = temporaryDirectory();
  const [text, saved] = [join(directory, 'report.txt'), join(directory, 'facts.json')];
  const args = ['check', '--root', roots[0], ...SAID, '--json', '-o', `text=${text}`, '--save-facts', saved];
  const plain = await runCli(args);
  expect(plain.stdout).toMatch(SECRETS);
  const { code, stdout, stderr } = await runCli([...args, '--redact']);
  expect([code, stderr]).toEqual([plain.code, '']);
  const written = [stdout, readFileSync(text, 'utf8'), readFileSync(saved, 'utf8')];
  for (const each of written) expect(each).not.toMatch(SECRETS);
  const report = JSON.parse(stdout);
  expect(report.nodes[0].name).toBe('node-1.domain-1.example');
  expect(report.plan.controlPlaneEndpoint.value).toMatch(/^host-\d\.domain-1\.example:6443$/);
  const address = report.nodes[0].addresses[0];
  expect(written[1]).toContain(address);
  expect(JSON.parse(written[2] ?? '').nodes[0].plan.nodeIp).toEqual([address]);
  expect(JSON.parse(written[2] ?? '').nodes[0].facts.hostname.value.hostname).toBe(report.nodes[0].name);
});

test('the effective configuration', async () => {
  const said = ['config', '--root', roots[0], '--node-name', 'zanzibar', ...SAID];
  expect((await runCli(said)).stdout).toMatch(SECRETS);
  const { code, stdout } = await runCli([...said, '--redact']);
  expect(code).toBe(0);
  expect(stdout).not.toMatch(SECRETS);
  expect(stdout).toMatch(/^nodeName: node-1 # flag$/m);
  expect(stdout).toMatch(/^only: \[identity\] # flag$/m);
});

test('facts, and what compare makes of them', async () => {
  const directory = temporaryDirectory();
  const files = await Promise.all(
    roots.map(async (root, index) => {
      const file = join(directory, `zanzibar-${index}.json`);
      writeFileSync(file, (await runCli(['facts', '--root', root])).stdout);
      return file;
    }),
  );
  expect((await runCli(['facts', '--root', roots[0], '--redact'])).stdout).not.toMatch(SECRETS);
  const compared = await runCli(['compare', ...files, '--only', 'identity', '--json', '--redact']);
  expect(compared.code).toBe(2);
  expect(compared.stdout).not.toMatch(SECRETS);
  expect(JSON.parse(compared.stdout).nodes.map(({ name }: { name: string }) => name)).toEqual([
    'node-1.domain-1.example',
    'node-2.domain-1.example',
  ]);
});

test('the configuration can say it', async () => {
  const config = join(temporaryDirectory(), 'seaworthy.yaml');
  writeFileSync(config, 'redact: true\n');
  const { stdout } = await runCli(['check', '--root', roots[0], ...SAID, '--json', '--config', config]);
  expect(stdout).not.toMatch(SECRETS);
});

test('standard error hides the same things behind the same words', async () => {
  const config = join(temporaryDirectory(), 'seaworthy.yaml');
  writeFileSync(
    config,
    `waivers: [{ check: identity/hostname, subject: zanzibar.acme.test, why: mombasa.acme.test has it too }]\n`,
  );
  const said = ['check', '--root', roots[0], ...SAID, '--config', config, '--json', '-v'];
  const plain = await runCli(said);
  expect(plain.stderr).toMatch(/^seaworthy: the waiver of identity\/hostname zanzibar\.acme\.test allowed nothing/);
  const { stderr, stdout } = await runCli([...said, '--redact']);
  const { nodes } = JSON.parse(stdout);
  expect(stderr).toMatch(
    new RegExp(`^seaworthy: the waiver of identity/hostname ${nodes[0].name.replaceAll('.', '\\.')} allowed nothing`),
  );
  expect(stderr).not.toMatch(SECRETS);
});

test.each([
  [
    'a file that is not there',
    ['--config', '/etc/zanzibar/acme.yaml'],
    /^seaworthy: --config: file-\d: no such file$/m,
  ],
  ['a machine', ['--peer', 'worker@zanzibar.acme.test:99999'], /^seaworthy: --peer: "name-\d" must be /],
  ['an address', ['--node-ip', '10.11.12.13/33'], /^seaworthy: --node-ip: "[\d.]+\/33" must be /],
  ['no option', ['--zanzibar'], /^seaworthy: .*no option/],
  ['a root with a short name', ['--root', 'zy'], /^seaworthy: --root \S+: no such directory\.$/m],
  ['a root without a machine', ['--root', '/zanzibar'], /^seaworthy: --root \S+: no such directory\.$/m],
])('an error hides what was said: %s', async (_what, said, message) => {
  expect((await runCli(['check', ...said])).stderr).toMatch(SECRETS);
  const { code, stdout, stderr } = await runCli(['check', '--redact', ...said]);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(SECRETS);
});

test('variables ask for it too, and name what is hidden; commands without a report hide nothing', async () => {
  const env = { SEAWORTHY_REDACT: 'true', SEAWORTHY_ROOT: '/zanzibar' };
  expect((await runCli(['check'], { env })).stderr).not.toMatch(SECRETS);
  expect((await runCli(['listen', '--token-file', '/zanzibar'], { env })).stderr).toMatch(SECRETS);
});
