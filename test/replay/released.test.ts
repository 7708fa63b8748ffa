import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { digestsOf, FROZEN, HISTORIES } from './frozen.ts';

/** A version of the changelog that has a number is released, or is what the next tag releases. */
const versions = [
  ...readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8').matchAll(
    /^## \[(\d+\.\d+\.\d+)\]/gm,
  ),
].map(([, version]) => version ?? '');

describe('a version that was released', () => {
  it('is in the changelog', () => {
    expect(versions).toContain('0.1.0');
  });

  it.each(versions)('%s has its histories, as they were recorded then', (version) => {
    const folder = `${HISTORIES}${version}/`;
    expect(existsSync(`${folder}${FROZEN}`)).toBe(true);
    const frozen = JSON.parse(readFileSync(`${folder}${FROZEN}`, 'utf8')) as Record<string, string>;
    expect(Object.keys(frozen).length).toBeGreaterThan(10);
    expect(digestsOf(folder)).toEqual(frozen);
  });

  it('has no other folder beside it but what no release has yet', () => {
    const folders = readdirSync(HISTORIES).filter((name) => name !== 'unreleased');
    expect(folders.sort()).toEqual([...versions].sort());
  });

  it('would show that a history was changed', () => {
    const [file = ''] = readdirSync(`${HISTORIES}0.1.0`).filter((name) => name !== FROZEN);
    const text = readFileSync(`${HISTORIES}0.1.0/${file}`, 'utf8');
    const changed = createHash('sha256').update(`${text} `).digest('hex');
    expect(digestsOf(`${HISTORIES}0.1.0/`)[file]).not.toBe(changed);
  });
});
