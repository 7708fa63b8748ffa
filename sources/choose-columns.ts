import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** The named columns of a model, in the order that is asked for, with their positions in it. */
export function chooseColumns<Column extends { name: string }>(
  model: string,
  columns: readonly Column[],
  names: readonly string[],
): { column: Column; position: number }[] {
  return names.map((name) => {
    const position = columns.findIndex((column) => column.name === name);
    const column = columns[position];
    if (column === undefined) throw new BackhaulError('column_missing', `model ${model}, column "${name}"`);
    return { column, position };
  });
}

/** Fails when two columns of a model have the same name, or one has none. */
export function requireOwnNames(model: string, names: readonly string[]): void {
  const twice = names.find((name, position) => names.indexOf(name) !== position);
  if (twice !== undefined) throw new BackhaulError('duplicate_column', `model ${model}, column "${twice}"`);
  const unnamed = names.indexOf('');
  if (unnamed >= 0) throw new BackhaulError('source_column_unnamed', `model ${model}, column ${unnamed + 1}`);
}
