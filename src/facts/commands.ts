import * as z from 'zod';
import { commands } from '../kubernetes/commands.ts';
import { defineFact } from './define-fact.ts';
import { findPrograms } from './parts/find-programs.ts';

const schema = () =>
  z.object({
    paths: z
      .record(z.string(), z.string().nullable())
      .nullable()
      .describe('where each program is, null for one that is missing; null as a whole: a directory without programs'),
  });

export default defineFact({
  title: 'programs that kubeadm and the kubelet call',
  schema,
  read: async (system) => ({
    paths: await findPrograms(
      system,
      commands.map(({ name }) => name),
    ),
  }),
});
