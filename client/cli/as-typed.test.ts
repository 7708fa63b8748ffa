import { expect, it } from '@jest/globals';
import { asTyped } from './as-typed.ts';

const NPX = { npm_command: 'exec' };

it.each([
  ['List them with `backhaul runs`.', 'List them with `npx backhaul runs`.'],
  ['elsewhere  BACKHAUL_HOME=/a backhaul run SYNC', 'elsewhere  BACKHAUL_HOME=/a npx backhaul run SYNC'],
  ['See `backhaul --help`.', 'See `npx backhaul --help`.'],
  ['  BACKHAUL_HOME=.demo npx backhaul runs', '  BACKHAUL_HOME=.demo npx backhaul runs'],
  ['+ sync backhaul', '+ sync backhaul'],
  [
    'postgresql://backhaul@127.0.0.1/backhaul (password: …)',
    'postgresql://backhaul@127.0.0.1/backhaul (password: …)',
  ],
])('commands are said as npx has them: %s', (text, said) => {
  expect(asTyped(text, NPX)).toBe(said);
  expect(asTyped(text, {})).toBe(text);
});
