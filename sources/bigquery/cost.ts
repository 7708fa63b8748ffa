const GIB = 1024n ** 3n;
/** From here on a model is worth a word. */
const WORTH_SAYING_BYTES = 10n * GIB;
/** On demand, in the United States (https://cloud.google.com/bigquery/pricing); other regions and editions differ. */
const DOLLARS_A_TIB = 6.25;

/** What each run of a model reads and, on demand, costs; nothing for a small one. */
export function costWarnings(model: string, bytes: bigint): string[] {
  if (bytes < WORTH_SAYING_BYTES) return [];
  const gib = Number(bytes / GIB);
  const dollars = ((gib / 1024) * DOLLARS_A_TIB).toFixed(2);
  return [
    `model ${model}: each run reads ${gib} GiB, about ${dollars} USD on demand at ${DOLLARS_A_TIB} USD a TiB; maximumBytesBilled sets a limit`,
  ];
}
