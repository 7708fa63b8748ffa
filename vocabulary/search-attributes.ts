/** What runs are found by in Temporal. Registered by `dev` and `migrate`; a run does without where they are missing. */
export const searchAttributeNames = [
  'BackhaulSync',
  'BackhaulStatus',
  'BackhaulMode',
  'BackhaulInstallation',
] as const;
