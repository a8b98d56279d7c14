import { setFlagsFromString } from 'node:v8';

/**
 * The space for what is short-lived stays as small as it is now. V8 would let it grow to 100 MB and more while thousands of sockets are opened and
 * closed, and not give it back; measured with four machines that sweep each other: 140 MB in place of 230, for a quarter more time of the processor.
 */
export function stayFrugal(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
