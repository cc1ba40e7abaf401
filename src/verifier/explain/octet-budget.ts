/** Octets that may still be made on behalf of one stranger's document, whatever for. */
export class OctetBudget {
  left: number;

  constructor(octets: number) {
    this.left = octets;
  }

  /** Whether there was room for this many; when not, nothing more is made. */
  take(octets: number): boolean {
    if (octets > this.left) {
      this.left = 0;
      return false;
    }
    this.left -= octets;
    return true;
  }

  end(): void {
    this.left = 0;
  }
}
