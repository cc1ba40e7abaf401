/** A part that runs until it is closed. */
export interface Running {
  readonly url?: string;
  close(): Promise<void>;
}
