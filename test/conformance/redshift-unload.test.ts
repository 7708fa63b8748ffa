import { startRedshiftService } from './redshift-service.ts';
import { conformance } from './suite.ts';

await conformance({ type: 'redshift', start: () => startRedshiftService('unload') });
