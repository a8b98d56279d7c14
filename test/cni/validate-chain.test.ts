import { expect, test } from 'vitest';
import { validateChain } from '../../src/cni/validate-chain.ts';
import { fakePlugins } from './fake-plugins.ts';

const speaks = (...supportedVersions: string[]) =>
  `#!/bin/sh\n[ "$CNI_COMMAND" = VERSION ] || exit 9\necho '${JSON.stringify({ cniVersion: '1.0.0', supportedVersions })}'\n`;

test('every program that the chain names is there and speaks its version exactly', async () => {
  const fake = fakePlugins();
  fake.plugin('good', speaks('0.4.0', '1.0.0'));
  const chain = fake.chain({}, { type: 'good', ipam: { type: 'giver' } }, { type: 'good' });
  expect(await validateChain(chain, fake.running())).toMatchObject([{ plugin: 'giver', kind: 'missing' }]);
  fake.plugin('giver', speaks('1.0.0'));
  expect(await validateChain(chain, fake.running())).toEqual([]);
  fake.plugin('giver', speaks('0.3.1', '1.1.0'));
  expect(await validateChain(chain, fake.running())).toEqual([
    {
      plugin: 'giver',
      kind: 'other-version',
      code: null,
      message: 'it speaks 0.3.1, 1.1.0, and the network is of 1.0.0',
    },
  ]);
});

test('all that is wrong is told, in bounded time', async () => {
  const fake = fakePlugins();
  fake.plugin('hang', '#!/bin/sh\nsleep 600\n');
  fake.plugin('junk', '#!/bin/sh\necho hello\n');
  fake.plugin('plain', speaks('1.0.0'), 0o644);
  fake.plugin('open', speaks('1.0.0'), 0o757);
  fake.plugin('alien', '\u007fELF');
  fake.plugin('ancient', `#!/bin/sh\necho '{"code":4,"msg":"unknown CNI_COMMAND: VERSION"}'; exit 1\n`);
  const types = ['hang', 'junk', 'plain', 'open', 'alien', 'ancient'];
  const chain = fake.chain({}, ...types.map((type) => ({ type })));
  const failures = await validateChain(chain, fake.running({ timeoutMs: 2_000 }));
  expect(failures.map(({ plugin, kind }) => `${plugin}: ${kind}`)).toEqual([
    'hang: timed-out',
    'junk: junk',
    'plain: not-executable',
    'open: refused',
    'alien: cannot-start',
    'ancient: other-version',
  ]);
  const stopped = await validateChain(
    fake.chain({}, { type: 'hang' }),
    fake.running({ signal: AbortSignal.timeout(200) }),
  );
  expect(stopped).toMatchObject([{ kind: 'stopped' }]);
});
