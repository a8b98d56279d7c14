import * as z from 'zod';
import { savedPlanSchema } from '../../plan/saved-plan-schema.ts';
import { address, key, port, run, secret } from './wire-values.ts';

// Long ones are made when they are needed: a pod, and most runs, never ask for them.
export const plan = z.lazy(savedPlanSchema);

/** A machine of the run. */
const member = z.object({
  key,
  /** What its listeners prove themselves with, base64url: made anew by each process. */
  instance: secret,
  addresses: z.array(address).max(64),
});

/** A machine's part in a run. */
export const lease = z.object({
  run,
  /** What requests and answers of this run are sealed with, base64url. */
  secret,
  /** Which of the members the receiver of this message is. */
  self: key,
  members: z.array(member).max(2_000),
  /** Where connects may go that is no member: the control-plane endpoint, and from a pod other pods of the cluster. */
  endpoints: z.array(z.object({ address, port })).max(512),
  /** What is said of the cluster: which ports are opened and sent to goes by it. */
  plan,
});
