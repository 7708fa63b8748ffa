import { expect, it } from '@jest/globals';
import { openPlants } from './planted.ts';

it('a mark is found as it is, and wherever it begins in what was encoded', () => {
  const plants = openPlants();
  const mark = plants.plant('a secret');
  plants.add('a key', '+/=='.padStart(44, 'k'));
  const forms = ['', 'a', 'ab', 'abc'].flatMap((before) =>
    (['base64', 'hex'] as const).map((encoding) => Buffer.from(`${before}${mark}:`).toString(encoding)),
  );
  for (const text of [mark, `x${mark}x`, ...forms])
    expect(plants.foundIn(text)).toEqual([expect.stringMatching(/^a secret: /)]);
  expect(plants.foundIn(encodeURIComponent('+/=='.padStart(44, 'k')))).toHaveLength(1);
  expect(plants.foundIn('nothing of it')).toEqual([]);
});
