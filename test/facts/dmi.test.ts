import { expect, test } from 'vitest';
import dmi from '../../src/facts/dmi.ts';
import { SystemError } from '../../src/system/system.ts';
import { readFrom } from './read-from.ts';

const ID = 'sys/class/dmi/id';

test('a virtual machine', async () => {
  const files = { [`${ID}/product_uuid`]: '4c4c4544-0044-4810-8031-b4c04f4d3132\n', [`${ID}/sys_vendor`]: 'QEMU\n' };
  expect(await readFrom(dmi, files)).toEqual({
    present: true,
    productUuid: '4c4c4544-0044-4810-8031-b4c04f4d3132',
    productName: null,
    sysVendor: 'QEMU',
  });
});

test('a board without DMI', async () => {
  const none = { present: false, productUuid: null, productName: null, sysVendor: null };
  expect(await readFrom(dmi, { '/sys/class/net/lo/mtu': '65536' })).toEqual(none);
  expect(await readFrom(dmi, {})).toEqual({ ...none, shown: false });
});

test('not root', async () => {
  const readTextIfThere = async () => {
    throw new SystemError('denied', 'product_uuid: permission denied', 'EACCES');
  };
  await expect(
    readFrom(dmi, { '/sys/class/net/lo/mtu': '65536' }, { differs: { readTextIfThere } }),
  ).rejects.toMatchObject({ why: 'denied' });
});
