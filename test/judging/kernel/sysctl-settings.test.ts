import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandsToSet, settingOf, whoSet } from '../../../src/judging/kernel/sysctl-settings.ts';

const at = (file: string, line: number, key: string, value: string | null) => ({
  file,
  line,
  key,
  value,
  atBoot: true,
});
const read = (...assignments: ReturnType<typeof at>[]) => ({ value: { assignments, unreadable: [] } });
const FORWARD = 'net/ipv4/ip_forward';

test('the last one that names the key wins, and its alias names it too', () => {
  const files = [
    at('/etc/sysctl.d/1.conf', 1, FORWARD, '1'),
    at('/etc/sysctl.d/2.conf', 3, 'net/ipv4/conf/all/forwarding', '0'),
  ];
  expect(settingOf(files, FORWARD)).toMatchObject({ file: '/etc/sysctl.d/2.conf', value: '0' });
  expect(settingOf(files, 'net/ipv4/conf/eth0/forwarding')).toMatchObject({ value: '0' });
  expect(settingOf(files, 'net/ipv6/conf/all/forwarding')).toBeNull();
});

test('a key that is named wins against a later pattern; one that is kept away is not set', () => {
  const pattern = at('/usr/lib/sysctl.d/50-default.conf', 2, 'net/ipv4/conf/*/rp_filter', '2');
  const named = at('/etc/sysctl.d/1.conf', 1, 'net/ipv4/conf/eth0/rp_filter', '1');
  const away = at('/usr/lib/sysctl.d/50-default.conf', 3, 'net/ipv4/conf/all/rp_filter', null);
  const files = [named, pattern, away];
  expect(settingOf(files, 'net/ipv4/conf/eth0/rp_filter')).toMatchObject({ value: '1' });
  expect(settingOf(files, 'net/ipv4/conf/eth1/rp_filter')).toMatchObject({ value: '2' });
  expect(settingOf(files, 'net/ipv4/conf/all/rp_filter')).toBeNull();
});

test('who set a value', () => {
  const file = read(at('/etc/sysctl.d/50-hardening.conf', 12, FORWARD, '0'));
  expect(whoSet(file, FORWARD, '0')).toBe('set by /etc/sysctl.d/50-hardening.conf:12');
  expect(whoSet(file, FORWARD, '1')).toBe('/etc/sysctl.d/50-hardening.conf:12 says 0, but that is not in force');
  expect(whoSet(read(), FORWARD, '0')).toBe('no file sets it');
  const partly = { value: { assignments: [], unreadable: ['/etc/sysctl.d/x.conf'] } };
  expect(whoSet(partly, FORWARD, '0')).toBe('no file that could be read sets it; /etc/sysctl.d/x.conf could not');
  const unread = { unread: 'timeout', detail: 'late' } as const;
  expect(whoSet(unread, FORWARD, '0')).toBe('the files that could have set it were not read');
});

const OWN =
  "printf '%s\\n' '' 'net.ipv4.ip_forward = 1' >> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf";

test('a file that sorts before ours needs nothing; one that agrees needs nothing', () => {
  expect(commandsToSet({ [FORWARD]: '1' }, read(at('/etc/sysctl.d/50-x.conf', 1, FORWARD, '0')))).toEqual([OWN]);
  expect(commandsToSet({ [FORWARD]: '1' }, read(at('/etc/sysctl.d/99-x.conf', 1, FORWARD, '1')))).toEqual([OWN]);
});

test('a file that would win is put right: in place in /etc, hidden by a copy elsewhere', () => {
  const files = read(
    at("/etc/sysctl.d/99-it's mine.conf", 3, FORWARD, '0'),
    at("/etc/sysctl.d/99-it's mine.conf", 7, 'net/ipv4/conf/all/forwarding', '0'),
    at('/usr/lib/sysctl.d/99-x.conf', 2, FORWARD, '0'),
    at('/etc/sysctl.conf', 5, FORWARD, '0'),
    at('/etc/sysctl.conf', 5, FORWARD, '0'),
  );
  expect(commandsToSet({ [FORWARD]: '1' }, files)).toEqual([
    "sed -i '3s/^/# /;7s/^/# /' '/etc/sysctl.d/99-it'\\''s mine.conf'",
    "sed '2s/^/# /' /usr/lib/sysctl.d/99-x.conf > /etc/sysctl.d/99-x.conf",
    "sed -i '5s/^/# /' /etc/sysctl.conf",
    OWN,
  ]);
});

test('the name of an interface is quoted', () => {
  const [command] = commandsToSet(
    { 'net/ipv6/conf/eth0.5/accept_ra': '2', "net/ipv6/conf/a'b/forwarding": '1' },
    read(),
  );
  expect(command).toContain("'net.ipv6.conf.eth0/5.accept_ra = 2' 'net.ipv6.conf.a'\\''b.forwarding = 1'");
});

test('a pattern that reaches a key by its other name wins, and is put right', () => {
  const pattern = at('/etc/sysctl.d/zz.conf', 1, 'net/ipv4/conf/*/forwarding', '0');
  const files = [at('/etc/sysctl.d/1.conf', 1, FORWARD, '1'), pattern];
  expect(settingOf(files, FORWARD)).toBe(pattern);
  expect(commandsToSet({ [FORWARD]: '1' }, read(...files))).toEqual(["sed -i '1s/^/# /' /etc/sysctl.d/zz.conf", OWN]);
});

test('a file whose last line has no newline keeps it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-'));
  try {
    const file = join(directory, '90-kubernetes.conf');
    writeFileSync(file, 'vm.panic_on_oom = 0');
    const [command = ''] = commandsToSet({ [FORWARD]: '1' }, read());
    const [append = ''] = command.replaceAll('/etc/sysctl.d/90-kubernetes.conf', file).split(' && ');
    execFileSync('sh', ['-c', append]);
    expect(readFileSync(file, 'utf8')).toBe('vm.panic_on_oom = 0\nnet.ipv4.ip_forward = 1\n');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
