// The bundle's way in: the program and its code cache are files beside it.
import { runProgram } from './run-program.ts';

const argv = process.argv.slice(2);

if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`seaworthy ${SEAWORTHY_VERSION}\n`);
} else {
  // Not imported above: --version needs no files.
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const program = new URL('program.cjs', import.meta.url);
  runProgram(readFileSync(program, 'utf8'), readFileSync(new URL('program.cache', import.meta.url)), program);
}
