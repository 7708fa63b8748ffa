import { startGoogleSheets } from './google-sheets-service.ts';
import { conformance } from './suite.ts';

await conformance({ type: 'google_sheets', start: startGoogleSheets });
