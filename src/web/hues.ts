const HUES = 8;

/** A colour class for each voice, in order of appearance; a voice keeps its colour when it gets a name. */
export class Hues {
  private readonly given = new Map<string, number>();
  private next = 0;

  of(label: string): string {
    if (label === 'unknown') return 'hue-none';
    let hue = this.given.get(label);
    if (hue === undefined) {
      hue = this.next++ % HUES;
      this.given.set(label, hue);
    }
    return `hue-${hue}`;
  }

  rename(label: string, name: string): void {
    const hue = this.given.get(label);
    if (hue === undefined || this.given.has(name)) return;
    this.given.set(name, hue);
    this.given.delete(label);
  }
}
