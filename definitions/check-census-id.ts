import { isFields, type Fields } from './checked.ts';
import type { Finding } from './issues.ts';

/** Clients of Census's API know a sync by its number alone: two syncs cannot have the same. */
export function censusIdFindings(
  name: string,
  { censusId }: Fields,
  syncs: ReadonlyMap<string, unknown>,
): Finding[] {
  if (typeof censusId !== 'number') return [];
  const [other] =
    [...syncs].find(([one, sync]) => one !== name && isFields(sync) && sync.censusId === censusId) ?? [];
  if (other === undefined) return [];
  return [
    {
      path: ['censusId'],
      at: 'value',
      message: `the sync "${name}" has the censusId of the sync "${other}": ${censusId}`,
      fix: 'Give each the id that it had in Census.',
    },
  ];
}
