/** Below it a finding is told and does not fail. */
const FAILS_FROM = ['high', 'critical'];
/** A registry that has no such address: it keeps no advisories, so there is nothing to be told. */
const NO_ADVISORIES = [404, 405, 501];

/**
 * What comes of a report of `npm audit --json`: https://docs.npmjs.com/cli/commands/npm-audit
 *
 * @param {object} report as npm gives it (auditReportVersion 2), or the error that it gives in its place
 * @param {{ advisory: string, package: string, reason: string, expires: string }[]} accepted what was looked at and is borne, until the day named
 * @param {Date} now
 * @returns {{ passes: boolean, says: string[] }}
 */
export function judgeAudit(report, accepted, now) {
  if (report.vulnerabilities === undefined) return withoutReport(report);
  const findings = advisoriesIn(report);
  const today = now.toISOString().slice(0, 10);
  const isAccepted = ({ advisory, name }) =>
    accepted.some((one) => one.advisory === advisory && one.package === name && one.expires >= today);
  const bad = findings.filter((one) => FAILS_FROM.includes(one.severity));
  const failing = bad.filter((one) => !isAccepted(one));
  const gone = accepted.filter(({ advisory }) => !findings.some((one) => one.advisory === advisory));
  return {
    passes: failing.length === 0,
    says: [
      ...failing.map((one) => `${line(one)}: update it, or accept it in scripts/accepted-advisories.json`),
      ...bad.filter(isAccepted).map((one) => `${line(one)}: accepted`),
      ...findings.filter((one) => !bad.includes(one)).map(line),
      ...gone.map(({ advisory }) => `${advisory} is accepted and no longer found: remove it`),
      `audit: ${failing.length} to mend, ${findings.length} in all`,
    ],
  };
}

const line = ({ advisory, name, severity, title }) => `${severity} ${name} ${advisory} ${title}`;

function withoutReport({ message = 'npm gave no report', statusCode }) {
  return NO_ADVISORIES.includes(statusCode)
    ? { passes: true, says: [`audit: not done, this registry offers no advisories (HTTP ${statusCode})`] }
    : { passes: false, says: [`audit: not done: ${message}`] };
}

/** Each once, however many packages are reached by it. `via` names other packages beside the advisories themselves. */
function advisoriesIn({ vulnerabilities }) {
  const found = new Map();
  for (const via of Object.values(vulnerabilities).flatMap((one) => one.via)) {
    if (typeof via === 'string') continue;
    const advisory = via.url.replace(/^.*\//, '');
    found.set(`${via.name} ${advisory}`, { ...via, advisory });
  }
  return [...found.values()];
}
