import { checks } from '../../../checks/index.ts';
import { completionScript } from '../command-line/completion/completion.ts';
import { SHELLS, type RunCommand } from '../command-line/command.ts';
import { print } from '../output/print.ts';

export const completion: RunCommand = async ({ arguments: [name] }) => {
  const shell = SHELLS.find((each) => each === name) ?? 'bash';
  await print(
    completionScript(
      shell,
      checks.map(({ id }) => id),
    ),
  );
  return 0;
};
