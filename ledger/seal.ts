import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a secret belongs to. It is bound to it: moved to another row it does not open. */
export interface SecretPlace {
  /** A connection, or `draft/<id>`. */
  owner: string;
  field: string;
}

export interface Sealed {
  /** Names the key without giving it away. */
  keyId: string;
  /** Nonce, tag and ciphertext. */
  sealed: Buffer;
}

export const keyIdOf = (key: Buffer): string =>
  createHash('sha256').update('backhaul encryption key').update(key).digest('hex').slice(0, 16);

const bound = ({ owner, field }: SecretPlace, keyId: string): Buffer =>
  Buffer.from(JSON.stringify([owner, field, keyId]));

/** Encrypts by the first key. Throws `encryption_keys_missing`. */
export function seal(keys: readonly Buffer[], place: SecretPlace, secret: string): Sealed {
  const [key] = keys;
  if (key === undefined) throw new BackhaulError('encryption_keys_missing', `${place.owner}, ${place.field}`);
  const keyId = keyIdOf(key);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(bound(place, keyId));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return { keyId, sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
}

/** Decrypts by the key that it was sealed with. Throws `encryption_keys_missing` and `secret_unreadable`. */
export function unseal(keys: readonly Buffer[], place: SecretPlace, { keyId, sealed }: Sealed): string {
  const where = `${place.owner}, ${place.field}, key ${keyId}`;
  if (keys.length === 0) throw new BackhaulError('encryption_keys_missing', where);
  const key = keys.find((one) => keyIdOf(one) === keyId);
  if (key === undefined) throw new BackhaulError('secret_unreadable', where);
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(bound(place, keyId))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    throw new BackhaulError('secret_unreadable', where);
  }
}
