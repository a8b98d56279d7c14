import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const SUITE = 'bookworm';
/** Of this machine, and not of the project: it takes minutes to make, and nobody changes it. */
const CACHE = '/var/cache/seaworthy-tests';

/** It has its name when it is whole. */
const MAKE = `
[ ! -e "$1" ] || exit 0
rm -rf "$1.new"
suite=$0 directory=$1
shift
debootstrap --variant=minbase "$@" "$suite" "$directory.new" >&2
rm -f "$directory.new"/var/cache/apt/archives/*.deb
mv "$directory.new" "$directory"`;

/**
 * The root directory of a Debian with what debootstrap calls minbase, and these packages. Lay something over it, and never write to it. Where
 * it cannot be made the test is skipped with the reason, and failed in CI.
 * @param foreign Debian's name of another processor: then it is unpacked, and nothing of it was run.
 */
export function baseSystem(
  skip: (reason: string) => never,
  foreign: string | null = null,
  packages: readonly string[] = [],
): string {
  const directory = join(CACHE, [SUITE, 'minbase', ...(foreign === null ? [] : [foreign]), ...packages].join('-'));
  if (existsSync(directory)) return directory;
  mkdirSync(CACHE, { recursive: true });
  console.log(`lab: making a base system with debootstrap in ${directory}`);
  const options = [
    ...(foreign === null ? [] : ['--foreign', `--arch=${foreign}`]),
    ...(packages.length === 0 ? [] : [`--include=${packages.join(',')}`]),
  ];
  try {
    // Another test may be at it.
    execFileSync('flock', [join(CACHE, 'lock'), 'sh', '-ec', MAKE, SUITE, directory, ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return directory;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return skip(`debootstrap could not make a base system: ${error instanceof Error ? error.message : String(error)}`);
  }
}
