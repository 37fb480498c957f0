/** What makes serving impossible, in one line that names the cure. */
export class ServeError extends Error {
  /** @param message what is wrong, in one line. */
  constructor(message: string) {
    super(message);
    this.name = "ServeError";
  }
}
