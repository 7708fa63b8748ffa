import { startSnowflake } from './snowflake-service.ts';
import { conformance } from './suite.ts';

await conformance({ type: 'snowflake', start: startSnowflake });
