/** What vendors of boards left in the UUID of their firmware's SMBIOS tables, the same on every board. */
export const PLACEHOLDER_UUIDS: readonly string[] = [
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '03020100-0504-0706-0809-0a0b0c0d0e0f',
  '00010203-0405-0607-0809-0a0b0c0d0e0f',
  '12345678-1234-5678-90ab-cddeefaabbcc',
];
