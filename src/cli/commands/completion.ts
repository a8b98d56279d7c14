import { checks } from '../../../checks/index.ts';
import { completionScript } from '../completion.ts';
import { SHELLS, type RunCommand } from '../commands.ts';
import { print } from '../print.ts';

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
