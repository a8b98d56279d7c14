import * as z from 'zod';

/** Code of the refusal of `meet` by a peer of another protocol version. */
export const OTHER_PROTOCOL = 'other-protocol';

/** What is in `meet`, in its answer and in every refusal, whatever else is: releases to come must keep this, so that two can tell each other. */
export const versionSchema = () => z.object({ protocol: z.int(), version: z.string().max(100) });

/** Why a peer does not do what it is asked, as it travels: with a status of 4xx or 5xx. */
export const refusalSchema = () => versionSchema().extend({ code: z.string().max(40), message: z.string() });

/** What becomes of a request that is not answered. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** Of HTTP. */
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
