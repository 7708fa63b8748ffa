export interface AcceptedAdvisory {
  advisory: string;
  package: string;
  reason: string;
  /** The last day that it is borne, as YYYY-MM-DD. */
  expires: string;
}
export function judgeAudit(
  report: object,
  accepted: readonly AcceptedAdvisory[],
  now: Date,
): { passes: boolean; says: string[] };
