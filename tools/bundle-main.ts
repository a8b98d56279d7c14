// The bundle's way in: its scripts and their code caches are files beside it.
import { runProgram, scriptOf } from './run-program.ts';

const argv = process.argv.slice(2);

if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`seaworthy ${SEAWORTHY_VERSION}\n`);
} else {
  // Not imported above: --version needs no files.
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const name = scriptOf(argv);
  const script = new URL(`${name}.cjs`, import.meta.url);
  runProgram(readFileSync(script, 'utf8'), readFileSync(new URL(`${name}.cache`, import.meta.url)), script);
}
