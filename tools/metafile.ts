import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const schema = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      entryPoint: z.string().optional(),
      imports: z.array(z.object({ path: z.string(), kind: z.string() })),
      inputs: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** What esbuild says of the files that it wrote, by their paths from the root of the project. */
export type Outputs = z.infer<typeof schema>['outputs'];

/** Of the build that is in dist. */
export function readOutputs(): Outputs {
  return schema.parse(JSON.parse(readFileSync(join(import.meta.dirname, '../dist/meta.json'), 'utf8'))).outputs;
}
