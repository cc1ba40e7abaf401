/** What goes to a bounded thread. An answer belongs to the question of its number. */
export type ToThread =
  | { readonly kind: 'work'; readonly work: unknown }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly code: string; readonly message: string };

/** What comes from it: questions while it works, then one result or failure. */
export type FromThread =
  | { readonly kind: 'question'; readonly number: number; readonly question: unknown }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failure'; readonly code: string; readonly message: string };
