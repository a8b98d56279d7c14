// The way in, kept tiny: what a command needs is loaded when the command is known.
const argv = process.argv.slice(2);

if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`seaworthy ${SEAWORTHY_VERSION}\n`);
} else {
  const { main } = await import('./program.ts');
  await main(argv);
}
