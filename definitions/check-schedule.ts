import { has, isFields, type Fields } from './checked.ts';
import type { Finding } from './issues.ts';

const FIX = 'Write { cron: "0 * * * *", timezone: UTC } or { every: 15m }.';

/** What the fields of a schedule say of each other. */
export function scheduleFindings({ schedule }: Fields): Finding[] {
  if (!isFields(schedule)) return [];
  const findings: Finding[] = [];
  const beside = (field: string, message: string): void => {
    findings.push({ path: ['schedule', field], at: 'key', message, fix: FIX });
  };
  if (has(schedule, 'cron') && has(schedule, 'every')) beside('every', '"every" is given beside "cron"');
  if (!has(schedule, 'cron') && !has(schedule, 'every')) {
    const message = '"schedule" has neither "cron" nor "every"';
    findings.push({ path: ['schedule'], at: 'key', absence: true, message, fix: FIX });
  }
  if (has(schedule, 'every') && has(schedule, 'timezone'))
    beside('timezone', '"timezone" is for "cron" only');
  return findings;
}
