import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failureOf } from '../test/support/failure-of.ts';
import { looksLikeReference, piecesOf } from './reference-syntax.ts';
import { resolveConnection, type Variables } from './references.ts';

const folder = mkdtempSync(join(tmpdir(), 'references-'));
afterAll(() => rmSync(folder, { recursive: true }));

const segment = { type: 'segment', region: 'us', eventsPerSecond: 1000 } as const;
const writeKeyOf = (writeKey: string, env: Variables = {}): string | undefined =>
  resolveConnection('segment', { ...segment, writeKey }, env).writeKey;
const faultOf = (writeKey: string, env: Variables = {}) => failureOf(() => writeKeyOf(writeKey, env));

const fileOf = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('a reference of a connection', () => {
  it.each([
    ['a variable', '${KEY}', 'k'],
    ['variables among text', 'a-${KEY}-${OTHER}-b', 'a-k-o-b'],
    ['one that is empty', 'x${EMPTY}', 'x'],
    ['text without any', '$KEY $ {KEY} }', '$KEY $ {KEY} }'],
    ['an escaped one, which is none', '$${KEY}', '${KEY}'],
    ['a value that looks like one, which is not resolved again', '${NESTED}', '${KEY}'],
  ])('is resolved: %s', (_, text, value) => {
    expect(writeKeyOf(text, { KEY: 'k', OTHER: 'o', EMPTY: '', NESTED: '${KEY}' })).toBe(value);
  });

  it('may be a file, without the line break at its end', () => {
    for (const end of ['', '\n', '\r\n']) {
      expect(writeKeyOf(`\${file:${fileOf('key', `secret${end}`)}}`)).toBe('secret');
    }
    expect(writeKeyOf(`\${file:${fileOf('key', 'two\nlines\n\n')}}`)).toBe('two\nlines\n');
  });

  it('may be a secret that is stored for the connection', () => {
    const written = { ...segment, writeKey: '${secret:writeKey}' };
    expect(resolveConnection('segment', written, {}, { writeKey: 'stored' }).writeKey).toBe('stored');
    for (const secrets of [{}, { token: 'planted' }] as Record<string, string>[]) {
      expect(failureOf(() => resolveConnection('segment', written, {}, secrets))).toEqual({
        code: 'reference_unresolved',
        where: 'connection segment, writeKey: ${secret:writeKey} is not stored here',
      });
    }
    expect(faultOf('${secret:toString}')?.where).toMatch(/is not stored here$/);
  });

  it('that is not there is named, and nothing is said of any value', () => {
    expect(faultOf('planted-${KEY}')).toEqual({
      code: 'reference_unresolved',
      where: 'connection segment, writeKey: ${KEY} is not set',
    });
    expect(faultOf(`\${file:${folder}/nowhere}`)).toEqual({
      code: 'reference_unresolved',
      where: `connection segment, writeKey: \${file:${folder}/nowhere} cannot be read (ENOENT)`,
    });
    expect(faultOf(`\${file:${folder}}`)?.where).toMatch(/is no regular file$/);
  });

  it.each([
    'BACKHAUL_DATABASE_URL',
    'BACKHAUL_ENCRYPTION_KEYS',
    'TEMPORAL_API_KEY',
    'backhaul_url',
    'Temporal_Tls',
  ])('may not be Backhaul’s or Temporal’s own: %s', (name) => {
    expect(faultOf(`\${${name}}`, { [name]: 'planted-value' })).toEqual({
      code: 'reference_unresolved',
      where: `connection segment, writeKey: \${${name}}, a variable of Backhaul or Temporal itself`,
    });
  });

  it('may not be a file of the system, not by a link either: /proc has the environment in it', () => {
    const link = join(folder, 'link');
    symlinkSync('/proc/self/environ', link);
    for (const path of [
      '/proc/self/environ',
      '/proc/version',
      '/dev/null',
      link,
      `${folder}/../../proc/version`,
    ]) {
      const fault = faultOf(`\${file:${path}}`);
      expect([fault?.code, fault?.where]).toEqual([
        'reference_unresolved',
        `connection segment, writeKey: \${file:${path}} is a file of the system`,
      ]);
    }
  });

  it('may not be a file that is no secret by its size', () => {
    const path = fileOf('large', 'x'.repeat(1024 * 1024 + 1));
    expect(faultOf(`\${file:${path}}`)?.where).toMatch(/is larger than 1 MiB$/);
  });

  it.each(['${', '${}', '${KEY', '${1KEY}', '${file:relative}', '${file:}', '${KEY:-default}', '${ KEY }'])(
    'may not be %j, which begins one and is none',
    (text) => {
      expect(faultOf(text, { KEY: 'k' })).toEqual({
        code: 'reference_unresolved',
        where: 'connection segment, writeKey: a ${ that begins no reference',
      });
    },
  );

  it('of the wrong form for its field is named with its variable, not its value', () => {
    const written = { ...segment, writeKey: 'k', trackingUrl: '${TRACKING}' };
    const fault = failureOf(() => resolveConnection('segment', written, { TRACKING: 'planted-value' }));
    expect(fault?.code).toBe('definitions_invalid');
    expect(fault?.where).toContain('(from ${TRACKING})');
    expect(fault?.where).not.toContain('planted-value');
  });

  it('may stand where a number is meant', () => {
    const written = { ...segment, writeKey: 'k', eventsPerSecond: '${RATE}' } as const;
    expect(resolveConnection('segment', written, { RATE: '250' }).eventsPerSecond).toBe(250);
  });
});

describe('a text with references', () => {
  it('is cut into pieces that have all of it', () => {
    const part = fc.constantFrom('${A}', '${file:/x}', '$${', '${', '}', '$', 'text', '${A', ' ');
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join('')),
        (text) => {
          const pieces = piecesOf(text);
          if (pieces.some(({ kind }) => kind === 'malformed')) return;
          const back = pieces.map((piece) => {
            if (piece.kind === 'variable') return `\${${piece.name}}`;
            if (piece.kind === 'file') return `\${file:${piece.path}}`;
            return piece.kind === 'text' ? piece.text : '';
          });
          expect(back.join('')).toBe(text.replaceAll('$${', '${'));
        },
      ),
    );
  });

  it.each([
    ['select ${SECRET}', true],
    ['select ${file:/x}', true],
    ['select $${a}$$', false],
    ['select $1, {x}', false],
    ['select ${1}', false],
  ])('%j outside of a connection is meant as a reference: %j', (text, meant) => {
    expect(looksLikeReference(text)).toBe(meant);
  });
});
