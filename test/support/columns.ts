import type { Column, ColumnKind } from '../../vocabulary/columns.ts';

/** A column as a source describes it; its type there is called like its kind. */
export const column = (name: string, kind: ColumnKind = 'text'): Column => ({ name, kind, sourceType: kind });
