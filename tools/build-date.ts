/** The date of what is built now. SOURCE_DATE_EPOCH, in seconds, is that of builds that are to be the same again. */
export function buildDate(): Date {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  return epoch === undefined ? new Date() : new Date(Number(epoch) * 1_000);
}
