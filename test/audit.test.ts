import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { judgeAudit } from '../scripts/judge-audit.js';

const root = new URL('..', import.meta.url);
const now = new Date('2026-06-01T12:00:00Z');

/** As npm 10 gives it of a project with these two old packages, shortened. */
const report = {
  auditReportVersion: 2,
  vulnerabilities: {
    mkdirp: {
      name: 'mkdirp',
      severity: 'critical',
      isDirect: true,
      via: ['minimist'],
      effects: [],
      range: '0.4.1 - 0.5.1',
      nodes: ['node_modules/mkdirp'],
      fixAvailable: true,
    },
    minimist: {
      name: 'minimist',
      severity: 'critical',
      isDirect: false,
      via: [
        {
          source: 1096466,
          name: 'minimist',
          dependency: 'minimist',
          title: 'Prototype Pollution in minimist',
          url: 'https://github.com/advisories/GHSA-vh95-rmgr-6w4m',
          severity: 'moderate',
          cwe: ['CWE-1321'],
          cvss: { score: 5.6, vectorString: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L' },
          range: '<0.2.1',
        },
        {
          source: 1097677,
          name: 'minimist',
          dependency: 'minimist',
          title: 'Prototype Pollution in minimist',
          url: 'https://github.com/advisories/GHSA-xvch-5gv4-984h',
          severity: 'critical',
          cwe: ['CWE-1321'],
          cvss: { score: 9.8, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
          range: '<0.2.4',
        },
      ],
      effects: ['mkdirp'],
      range: '<=0.2.3',
      nodes: ['node_modules/minimist'],
      fixAvailable: true,
    },
  },
  metadata: {
    vulnerabilities: { info: 0, low: 0, moderate: 0, high: 0, critical: 2, total: 2 },
    dependencies: { prod: 3, dev: 0, optional: 0, peer: 0, peerOptional: 0, total: 2 },
  },
};
const accepted = {
  advisory: 'GHSA-xvch-5gv4-984h',
  package: 'minimist',
  reason: 'Only our own build script parses arguments with it.',
  expires: '2026-06-01',
};
/** As npm 10 gives it where the registry does not know the address. */
const refused = (statusCode: number) => ({
  message: `${statusCode} Method Not Allowed - POST https://registry.npmjs.org/-/npm/v1/security/advisories/bulk`,
  method: 'POST',
  uri: 'https://registry.npmjs.org/-/npm/v1/security/advisories/bulk',
  headers: { allow: ['GET,HEAD'] },
  statusCode,
  body: { error: 'method not allowed' },
});

describe('the audit of what is shipped', () => {
  it('fails at an advisory that is high or worse, and names it once', () => {
    const { passes, says } = judgeAudit(report, [], now);
    expect(passes).toBe(false);
    expect(says).toEqual([
      expect.stringContaining(
        'critical minimist GHSA-xvch-5gv4-984h Prototype Pollution in minimist: update it',
      ),
      expect.stringMatching(/^moderate minimist GHSA-vh95-rmgr-6w4m/),
      'audit: 1 to mend, 2 in all',
    ]);
  });

  it('passes over one that was accepted, to the end of the day named', () => {
    expect(judgeAudit(report, [accepted], now).passes).toBe(true);
    expect(judgeAudit(report, [accepted], new Date('2026-06-02T00:00:00Z')).passes).toBe(false);
    expect(judgeAudit(report, [{ ...accepted, package: 'yargs' }], now).passes).toBe(false);
  });

  it('says that one is accepted and no longer found', () => {
    const clean = { ...report, vulnerabilities: {} };
    expect(judgeAudit(clean, [accepted], now)).toEqual({
      passes: true,
      says: ['GHSA-xvch-5gv4-984h is accepted and no longer found: remove it', 'audit: 0 to mend, 0 in all'],
    });
  });

  it('goes on with a word where a registry keeps no advisories, and fails where it could not ask', () => {
    expect(judgeAudit(refused(405), [], now)).toEqual({
      passes: true,
      says: ['audit: not done, this registry offers no advisories (HTTP 405)'],
    });
    expect(judgeAudit(refused(503), [], now).passes).toBe(false);
    expect(judgeAudit({}, [], now)).toEqual({ passes: false, says: ['audit: not done: npm gave no report'] });
  });

  it('is made by CI, and each accepted advisory has a reason and a day', () => {
    expect(readFileSync(new URL('.ci/run', root), 'utf8')).toMatch(/^npm run --silent audit$/m);
    const text = readFileSync(new URL('scripts/accepted-advisories.json', root), 'utf8');
    for (const one of JSON.parse(text) as (typeof accepted)[]) {
      expect(one).toEqual({
        advisory: expect.stringMatching(/^GHSA-/),
        package: expect.any(String),
        reason: expect.stringMatching(/\w{3}/),
        expires: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      });
    }
  });
});
