/** A typed emitter: one map from an event's name to what it carries. */
export class Emitter<Events extends object> {
  private readonly listeners: { [Name in keyof Events]?: Set<(value: Events[Name]) => void> } = {};

  /** Calls listener at each event; the returned function ends that. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    let all = this.listeners[name];
    if (!all) {
      all = new Set();
      this.listeners[name] = all;
    }
    all.add(listener);
    return () => {
      all.delete(listener);
    };
  }

  protected emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of this.listeners[name] ?? []) {
      try {
        listener(value);
      } catch (error) {
        // A page's mistake must not cost the call: it is reported, and the phone goes on.
        reportError(error);
      }
    }
  }
}
