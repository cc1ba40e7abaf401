/** Told of every finished request; never of a URL, a header or a body. */
export interface RequestObserver {
  /** `route`: the pattern of the route that took it, or `none`. */
  finished(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
}
