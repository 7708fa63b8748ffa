import type { Logger } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';

const ignore = (): void => undefined;
const silent: Logger = {
  log: ignore,
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};

/** Where an activity runs without a worker; what it logs is not shown. */
export const activityEnvironment = (
  info?: ConstructorParameters<typeof MockActivityEnvironment>[0],
): MockActivityEnvironment => new MockActivityEnvironment(info, { logger: silent });
