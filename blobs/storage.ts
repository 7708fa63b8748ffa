/**
 * A place for blobs, as the service has it: keys are names below the root that the operator gave. A key is written once, and
 * appears whole or not at all.
 */
export interface Storage {
  put(key: string, content: Uint8Array | string): Promise<void>;
  get(key: string): Promise<Uint8Array>;
  /** Resolves once the content begins to come. */
  read(key: string): Promise<AsyncIterable<Uint8Array>>;
  exists(key: string): Promise<boolean>;
  /** The local file is gone afterwards. */
  adopt(localFile: string, key: string): Promise<void>;
  fetch(key: string, scratchFile: string): Promise<void>;
  /** The keys below a folder, in any order. */
  list(folder: string): AsyncIterable<string>;
  /** The blob of that key, and all below it. */
  remove(key: string): Promise<void>;
  /** What an error of it says of the key. */
  faultOf(error: unknown, key: string): Promise<StorageFault>;
}

/** `refused` is for a person to mend; `unavailable` may mend itself. */
export type StorageFault = 'missing' | 'refused' | 'unavailable';

/** Objects have no folders: what is below one begins with its name and a slash. */
export const below = (root: string, folder: string): string => `${root}${folder.replace(/\/+$/, '')}/`;

/** `prefix/` of `s3://bucket/prefix`; nothing when there is none. */
export const rootOf = ({ pathname }: URL): string => {
  const path = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
  return path === '' ? '' : `${path}/`;
};
