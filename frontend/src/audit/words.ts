/** Entries of the audit log in words. */

/** createUser: create user. The names of commands are words already. */
export function actionInWords(action: string): string {
  return action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** TOO_MANY_ATTEMPTS: too many attempts. */
export function outcomeInWords(outcome: string): string {
  return outcome.toLowerCase().replaceAll("_", " ");
}
