import { expect, test } from '@jest/globals';
import { otherFields } from './json-fields.ts';

test('documents with the same fields are alike, whatever the values and however many of a kind', () => {
  expect(
    otherFields('{"a":{"b":1},"c":[{"d":1}],"e":[]}', '{"e":["f"],"c":[{"d":2},{"d":3}],"a":{"b":"x"}}'),
  ).toEqual([]);
});

test('what only one of them has is named, with the way to it', () => {
  expect(otherFields('{"a":{"b":1},"e":null}', '{"a":{"c":[{"d":1}]},"e":null}')).toEqual([
    'a.b',
    'a.c',
    'a.c[].d',
  ]);
});
