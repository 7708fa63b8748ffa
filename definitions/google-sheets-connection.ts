import { z } from 'zod';
import { numberFromText, orReference, textField, webUrlField, wholeNumberField } from './fields.ts';

const endpoint = webUrlField('https://sheets.googleapis.com');
/** Google allows a user 60 reads a minute: https://developers.google.com/sheets/api/limits */
export const DEFAULT_READS_PER_MINUTE = 60;
const readsPerMinute = wholeNumberField(1, 100_000, DEFAULT_READS_PER_MINUTE);

const textFields = {
  credentials: textField(
    '${file:/path/service-account.json}, or leave it out for the default credentials',
  ).optional(),
};

const written = z.strictObject({
  type: z.literal('google_sheets'),
  ...textFields,
  readsPerMinute: orReference(readsPerMinute).default(DEFAULT_READS_PER_MINUTE),
  apiEndpoint: orReference(endpoint).optional(),
  driveEndpoint: orReference(endpoint).optional(),
  tokenUrl: orReference(endpoint).optional(),
});

const resolved = z.strictObject({
  type: z.literal('google_sheets'),
  ...textFields,
  readsPerMinute: numberFromText(readsPerMinute),
  apiEndpoint: endpoint.optional(),
  driveEndpoint: endpoint.optional(),
  tokenUrl: endpoint.optional(),
});
export type ResolvedGoogleSheetsConnection = z.output<typeof resolved>;

export const googleSheetsConnection = { written, resolved, models: ['spreadsheet'] } as const;
