/** What went wrong, in words for people, by the code of the error. */
import { Failure } from "./request.ts";

export function explain(error: unknown): string {
  if (!(error instanceof Failure)) return "Something went wrong in this page. Please reload it.";
  switch (error.code) {
    case "TOO_MANY_ATTEMPTS":
      return `Too many attempts. Try again in ${waiting(error.details.retryAfter ?? 60)}.`;
    case "UNAVAILABLE":
      return "The server is up, but its database is not there at the moment.";
    case "TIMEOUT":
      return "The server took too long to answer.";
    case "UNREACHABLE":
      return "The server cannot be reached. Is it running, and is your network up?";
    default:
      return sentence(error.message);
  }
}

function waiting(seconds: number): string {
  if (seconds >= 90) return `${Math.ceil(seconds / 60)} minutes`;
  const whole = Math.max(1, Math.ceil(seconds));
  return whole === 1 ? "a second" : `${whole} seconds`;
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
