export interface Newest<T> {
  add: (item: T) => void;
  /** Oldest first. */
  all: () => T[];
}

/** Keeps the newest items only, without moving the others each time one comes. */
export function keepNewest<T>(most: number): Newest<T> {
  const items: T[] = [];
  const slack = Math.ceil(most / 10) + 100;
  return {
    add: (item) => {
      items.push(item);
      if (items.length > most + slack) items.splice(0, items.length - most);
    },
    all: () => items.slice(Math.max(0, items.length - most)),
  };
}
