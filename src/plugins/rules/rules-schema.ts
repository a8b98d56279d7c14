import * as z from 'zod';
import { parseDuration } from '../../values/duration.ts';
import { expectSchema } from './expect-schema.ts';
import { line, lines, path, pattern, prose, reason, word } from './written-values.ts';

const RULES_SCHEMA = 'seaworthy.rules/v1';

/** What a pass is called where the rule does not say. */
export const AS_EXPECTED = 'as-expected';

const remedySchema = () =>
  z
    .strictObject({
      text: prose('what to do, in a sentence'),
      commands: z
        .array(
          line(1000).refine((text) => !text.includes('{actual}'), {
            error: 'must not hold {actual}: what was found on a machine does not get into a command',
          }),
        )
        .max(20)
        .describe('a list of commands to paste as root')
        .exactOptional(),
    })
    .describe('keys and values: text, commands');

const ruleSchema = () =>
  z
    .strictObject({
      id: word().describe('the name of the check: small letters, digits and dashes, as in accept-queue'),
      title: line().describe('what is the case when all is well, in a few words'),
      docs: z.url({ protocol: /^https$/ }).describe('the address of a page about it, https://…'),
      stages: z
        .array(z.enum(['fresh', 'joined']))
        .min(1)
        .describe('a list of fresh and joined')
        .exactOptional(),
      roles: z
        .array(z.enum(['control-plane', 'worker', 'etcd']))
        .min(1)
        .describe('a list of control-plane, worker and etcd')
        .exactOptional(),
      sysctl: line(300)
        .regex(/^(?!.*(?:^|[./])\.\.?(?:[./]|$))[^./]+(?:[./][^./]+)+$/)
        .describe('a kernel parameter, as in net.core.somaxconn')
        .exactOptional(),
      module: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,60}$/)
        .describe('a module of the kernel, as in br_netfilter')
        .exactOptional(),
      port: z
        .string()
        .regex(/^(?:tcp|udp)\/(?:[1-9]\d{0,4})$/)
        .refine((text) => Number(text.slice(4)) <= 65_535, { error: 'must be a port up to 65535' })
        .describe('a port, as in tcp/8080: absent when it is free, else whoever listens there')
        .exactOptional(),
      file: path()
        .describe('a path that begins with / and has no ..: file, directory, socket, fifo or device')
        .exactOptional(),
      fileMode: path()
        .describe('a path that begins with / and has no .., whose permissions are judged')
        .exactOptional(),
      fileOwner: path().describe('a path that begins with / and has no .., whose owner is judged').exactOptional(),
      fileLine: z
        .strictObject({ path: path(), matches: pattern() })
        .describe('keys and values: path, matches; a line of the file, exists or absent')
        .exactOptional(),
      command: z
        .string()
        .regex(/^[A-Za-z0-9_.+@-]{1,100}$/)
        .refine((name) => !/^\.+$/.test(name))
        .describe('the name of a program, without its directory')
        .exactOptional(),
      program: z
        .strictObject({
          argv: z
            .array(
              z
                .string()
                .max(4096)
                .regex(/^[^\0]*$/),
            )
            .min(1)
            .max(100)
            .refine(([name = '']) => path().safeParse(name).success, {
              error: 'must begin with the full path of a program',
            })
            .describe('a list: the full path of a program, and its arguments'),
          timeout: z
            .string()
            .refine((text) => isTimeout(parseDuration(text)))
            .describe('a duration from 10ms to 60s; 5s when it is not given')
            .exactOptional(),
          outputLimit: z
            .int()
            .min(80)
            .max(1024 * 1024)
            .describe('a number of bytes from 80 to 1048576; 4096 when it is not given')
            .exactOptional(),
        })
        .describe('keys and values: argv, timeout, outputLimit; exit code 0 is good, 1 is not, any other unknown')
        .exactOptional(),
      expect: expectSchema().exactOptional(),
      pass: z
        .strictObject({
          reason: reason().exactOptional(),
          message: prose('a sentence').exactOptional(),
        })
        .describe('keys and values: reason, message')
        .exactOptional(),
      fail: z
        .strictObject({
          reason: reason(),
          status: z.enum(['fail', 'warn']).describe('fail or warn').exactOptional(),
          message: prose(
            'a sentence, in which {subject}, {expected} and {actual} stand for what they say',
          ).exactOptional(),
          why: prose('why it matters, in a sentence').exactOptional(),
          remedy: remedySchema(),
        })
        .describe('keys and values: reason, status, message, why, remedy'),
      page: lines().describe('text for `seaworthy explain`, Markdown').exactOptional(),
    })
    .describe('a rule: keys and values');

function isTimeout(ms: number | null): boolean {
  return ms !== null && ms >= 10 && ms <= 60_000;
}

/** A file of rules. Which assertion fits which observation is told apart after it. */
export const rulesSchema = () =>
  z
    .strictObject({
      schema: z.literal(RULES_SCHEMA).describe(`${RULES_SCHEMA}, which says what this file is`),
      name: word().describe('the category of its checks: small letters, digits and dashes'),
      rules: z.array(ruleSchema()).min(1).max(500).describe('a list of rules'),
    })
    .describe('keys and values, as in "name: acme"');

export type RulesFile = z.infer<ReturnType<typeof rulesSchema>>;
export type Rule = RulesFile['rules'][number];
export type Expectation = NonNullable<Rule['expect']>;
export type ProgramCall = NonNullable<Rule['program']>;
