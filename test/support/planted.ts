import { randomBytes } from 'node:crypto';

/** Texts that stand nowhere but where they were put, by what they are. */
export interface Plants {
  /** A new one: letters and digits alone, so that no encoding of a text changes it. */
  plant(name: string, length?: number): string;
  /** One that was made elsewhere, such as the key of an API. */
  add(name: string, text: string): string;
  /** Names of those that a text holds, as they are or encoded, each with what stands around it. */
  foundIn(text: string): string[];
}

const AROUND = 120;

export function openPlants(): Plants {
  const planted = new Map<string, string>();
  const add = (name: string, text: string): string => {
    planted.set(name, text);
    return text;
  };
  return {
    add,
    plant: (name, length = 24) => add(name, `pl${randomBytes(length).toString('hex')}`.slice(0, length)),
    foundIn: (text) =>
      [...planted].flatMap(([name, mark]) => {
        const at = formsOf(mark)
          .map((form) => text.indexOf(form))
          .find((place) => place >= 0);
        return at === undefined ? [] : [`${name}: ${text.slice(Math.max(0, at - AROUND), at + AROUND)}`];
      }),
  };
}

/** Itself, in an address, in hex, and in base64 wherever it begins in the text that was encoded. */
const formsOf = (mark: string): string[] => [
  mark,
  encodeURIComponent(mark),
  // As PostgreSQL shows a bytea.
  Buffer.from(mark).toString('hex'),
  ...[0, 1, 2].map((offset) =>
    Buffer.from('_'.repeat(offset) + mark)
      .toString('base64')
      .slice(offset === 0 ? 0 : offset + 1, -4),
  ),
];
