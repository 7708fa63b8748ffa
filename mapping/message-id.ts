import { hash } from 'node:crypto';

/** What a message's id is the same for, over all messages of a run (design rule 4). */
export interface FixedIdParts {
  /**
   * Of the state, and random: another sync, a staging copy or a ledger that was begun anew must not repeat an id that
   * Segment has seen, since it would drop the message without a word.
   */
  stateId: string;
  generation: number;
  writeKeyDigest: string;
  kind: 'identify' | 'group' | 'track';
}

export interface MessageIdParts extends FixedIdParts {
  /** As it is sent. */
  key: string;
  /** Of the entry that the change replaces. */
  sequence: number;
  fingerprint: string;
}

/**
 * The id of a change: 64 characters of [0-9a-f], the same at every retry of the same change, also from a later run.
 * Segment compares ids over all its customers and takes up to 100 characters.
 */
export const messageId = ({ key, sequence, fingerprint, ...fixed }: MessageIdParts): string =>
  messageIds(fixed)(key, sequence, fingerprint);

/** `messageId` with the parts that all messages of a run share. */
export function messageIds(
  fixed: FixedIdParts,
): (key: string, sequence: number, fingerprint: string) => string {
  const prefix = fixedText(fixed);
  return (key, sequence, fingerprint) =>
    hash('sha256', prefix + changeText(key, sequence, fingerprint), 'hex');
}

/** What is hashed. Each part carries its length, so that no two lists of parts have the same text. */
export const messageIdText = ({ key, sequence, fingerprint, ...fixed }: MessageIdParts): string =>
  fixedText(fixed) + changeText(key, sequence, fingerprint);

const fixedText = ({ stateId, generation, writeKeyDigest, kind }: FixedIdParts): string =>
  part(stateId) + part(String(generation)) + part(writeKeyDigest) + part(kind);

const changeText = (key: string, sequence: number, fingerprint: string): string =>
  part(key) + part(String(sequence)) + part(fingerprint);

const part = (text: string): string => `${text.length}:${text}`;
