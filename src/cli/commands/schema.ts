import * as z from 'zod';
import { evidenceJsonSchema } from '../../evidence/evidence-schema.ts';
import { configurationSchema } from '../../plan/configuration-schema.ts';
import type { Plan } from '../../plan/settings.ts';
import { reportSchema } from '../../report/schema.ts';
import { loadCatalogue } from '../run/catalogue.ts';
import { SCHEMAS, type RunCommand } from '../command-line/command.ts';
import { print } from '../output/print.ts';
import { readPlan } from '../command-line/read-plan.ts';

/** The JSON Schema of a document, from the definition that the program itself reads and writes it by. */
export const schema: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  const document = SCHEMAS.find((name) => name === invocation.arguments[0]) ?? 'report';
  await print(`${JSON.stringify(await SCHEMA_OF[document](plan), null, 2)}\n`);
  return 0;
};

const SCHEMA_OF: Readonly<Record<(typeof SCHEMAS)[number], (plan: Plan) => Promise<unknown>>> = {
  // `input`: as whoever reads it should see it, since fields may be added within a version.
  report: async () => z.toJSONSchema(reportSchema, { io: 'input' }),
  facts: async (plan) => evidenceJsonSchema((await loadCatalogue(plan)).facts),
  config: async () => z.toJSONSchema(configurationSchema(), { io: 'input' }),
};
