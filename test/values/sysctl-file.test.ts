import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSysctlFile } from '../../src/values/sysctl-file.ts';

const only = (line: string) => parseSysctlFile(line)[0];

test.each([
  ['net.ipv4.ip_forward = 1', 'net/ipv4/ip_forward', '1'],
  ['net/ipv4/ip_forward=1', 'net/ipv4/ip_forward', '1'],
  ['  -net.ipv4.ip_forward  =  0  ', 'net/ipv4/ip_forward', '0'],
  ['net.ipv4.conf.enp3s0/200.forwarding = 1', 'net/ipv4/conf/enp3s0.200/forwarding', '1'],
  ['net/ipv4/conf/enp3s0.200/forwarding = 1', 'net/ipv4/conf/enp3s0.200/forwarding', '1'],
  ['net.ipv4.conf.*.rp_filter = 2', 'net/ipv4/conf/*/rp_filter', '2'],
  ['-net.ipv4.conf.all.rp_filter', 'net/ipv4/conf/all/rp_filter', null],
  ['kernel.core_pattern = |/x %P=%u', 'kernel/core_pattern', '|/x %P=%u'],
  ['/proc/sys/net/ipv4/ip_forward = 1', 'net/ipv4/ip_forward', '1'],
])('%s', (line, key, value) => {
  expect(only(line)).toEqual({ key, value, line: 1 });
});

test.each(['', '   ', '# net.ipv4.ip_forward = 1', '; net.ipv4.ip_forward = 1', 'nothing', '= 1', '-= 1'])(
  '%j is no assignment',
  (line) => {
    expect(parseSysctlFile(line)).toEqual([]);
  },
);

test('counts lines from 1, with Windows line ends too', () => {
  expect(parseSysctlFile('# x\r\n\r\nvm.panic_on_oom = 0\r\n')).toEqual([
    { key: 'vm/panic_on_oom', value: '0', line: 3 },
  ]);
});

test('takes any text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const lines = text.split('\n').length;
      for (const { key, value, line } of parseSysctlFile(text)) {
        expect(key).not.toBe('');
        expect(value).toBe(value?.trim() ?? null);
        expect(line).toBeLessThanOrEqual(lines);
      }
    }),
  );
});

const word = fc.stringMatching(/^[a-z0-9_]{1,8}$/);
test('reads a path back from both spellings', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 5 }), word, (parts, value) => {
      const expected = [{ key: parts.join('/'), value, line: 1 }];
      expect(parseSysctlFile(`${parts.join('.')} = ${value}`)).toEqual(expected);
      expect(parseSysctlFile(`${parts.join('/')}=${value}`)).toEqual(expected);
    }),
  );
});
