import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const SUITE = 'bookworm';
/** Of this machine, and not of the project: it takes minutes to make, and nobody changes it. */
const CACHE = '/var/cache/seaworthy-tests';
const DIRECTORY = join(CACHE, `${SUITE}-minbase`);

/** It has its name when it is whole. */
const MAKE = `
[ ! -e "$1" ] || exit 0
rm -rf "$1.new"
debootstrap --variant=minbase "$0" "$1.new" >&2
chroot "$1.new" apt-get clean
mv "$1.new" "$1"`;

/**
 * The root directory of a Debian with what debootstrap calls minbase, and nothing added. Lay something over it, and never write to it. Where
 * it cannot be made the test is skipped with the reason, and failed in CI.
 */
export function baseSystem(skip: (reason: string) => never): string {
  if (existsSync(DIRECTORY)) return DIRECTORY;
  mkdirSync(CACHE, { recursive: true });
  console.log(`lab: making a base system with debootstrap in ${DIRECTORY}`);
  try {
    // Another test may be at it.
    execFileSync('flock', [join(CACHE, 'lock'), 'sh', '-ec', MAKE, SUITE, DIRECTORY], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return DIRECTORY;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return skip(`debootstrap could not make a base system: ${error instanceof Error ? error.message : String(error)}`);
  }
}
