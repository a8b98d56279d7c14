import * as z from 'zod';
import { AUDIT_LOG, type ControlPlane } from './control-plane.ts';

const event = z.object({
  user: z.object({ username: z.string() }),
  verb: z.string(),
  requestURI: z.string(),
  userAgent: z.string().optional(),
  objectRef: z
    .object({
      apiGroup: z.string().optional(),
      resource: z.string().optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
    })
    .optional(),
});

export type Request = z.infer<typeof event>;

/** All that was asked of the API server so far, by a user or by anybody. */
export async function requestsOf({ host }: ControlPlane, user: string | null = null): Promise<Request[]> {
  const lines = (await host.sh(`cat ${AUDIT_LOG}`)).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => event.parse(JSON.parse(line)))
    .filter(({ user: { username } }) => user === null || username === user);
}
