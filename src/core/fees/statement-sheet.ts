/** A month's bill of one tenant, in yen. */
export interface StatementSheet {
  readonly tenant: string;
  readonly month: string;
  readonly lines: readonly {
    readonly what: string;
    readonly price: number;
    readonly count: number;
    readonly amount: number;
  }[];
  readonly net: number;
  /** Absent: the operator says of none that is due. */
  readonly tax?: { readonly percent: number; readonly amount: number };
  readonly total: number;
}
