import { randomBytes } from 'node:crypto';
import { Context } from '@temporalio/activity';

/** Part of the name of every blob that an activity writes, so that no two attempts ever write the same one. */
export const attemptName = (): string =>
  `a${Context.current().info.attempt}-${randomBytes(4).toString('hex')}`;
