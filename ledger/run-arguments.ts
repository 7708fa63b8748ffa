/** What a run was started with. Temporal keeps it too: it holds no value of a row. */
export interface RunArguments {
  full: boolean;
  review: boolean;
  /** The run records rows as delivered and sends none; absent in any other run. */
  adopt?: Adoption;
  /** What it is restricted to, the id of a selection (ledger/selections.ts); absent or null: nothing. */
  selection?: string | null;
}

export interface Adoption {
  /** The id of the condition for the rows that are meant (ledger/adoption-conditions.ts); null: all of them. */
  condition: string | null;
}

/** Whether one start may take the other for its own. */
export const sameArguments = (one: RunArguments, other: RunArguments): boolean =>
  one.full === other.full &&
  one.review === other.review &&
  (one.selection ?? null) === (other.selection ?? null) &&
  adoptionOf(one) === adoptionOf(other);

const adoptionOf = ({ adopt }: RunArguments): string | null | undefined => adopt?.condition;
