import { observeCommand } from './command.ts';
import { observeFileLine } from './file-line.ts';
import { observeFileMode } from './file-mode.ts';
import { observeFileOwner } from './file-owner.ts';
import { observeFile } from './file.ts';
import { observeModule } from './module.ts';
import type { Observation } from './observation.ts';
import { observePort } from './port.ts';
import { observeProgram } from './program.ts';
import type { Rule } from './rules-schema.ts';
import { observeSysctl } from './sysctl.ts';

/** What a rule observes; it names one thing, and one assertion that fits. `attempt`: see observeProgram. */
export function observe(rule: Rule, attempt: number): Observation {
  const { expect = {} } = rule;
  if (rule.sysctl !== undefined) return observeSysctl(rule.sysctl, expect);
  if (rule.module !== undefined) return observeModule(rule.module, expect);
  if (rule.port !== undefined) return observePort(rule.port, expect);
  if (rule.file !== undefined) return observeFile(rule.file, expect);
  if (rule.fileMode !== undefined) return observeFileMode(rule.fileMode, expect);
  if (rule.fileOwner !== undefined) return observeFileOwner(rule.fileOwner, expect);
  if (rule.fileLine !== undefined) return observeFileLine(rule.fileLine, expect);
  if (rule.command !== undefined) return observeCommand(rule.command, expect);
  if (rule.program !== undefined) return observeProgram(rule.program, attempt);
  throw new Error(`the rule ${rule.id} observes nothing`);
}
