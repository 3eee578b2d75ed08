/** Short words about what has just happened, for whoever shows them. */
export interface ToastWords {
  readonly id: number;
  readonly kind: "success" | "error";
  readonly text: string;
}

/** How long one stays, in milliseconds. */
const STAYS = 6_000;

let shown: readonly ToastWords[] = [];
let made = 0;
const listeners = new Set<() => void>();

function become(next: readonly ToastWords[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

/** Says something in a corner of the page. What must not be missed is said where it happened instead. */
export function toast(text: string, kind: ToastWords["kind"] = "success"): void {
  made += 1;
  const words = { id: made, kind, text };
  become([...shown, words].slice(-3));
  setTimeout(() => dismiss(words.id), STAYS);
}

export function dismiss(id: number): void {
  become(shown.filter((words) => words.id !== id));
}

export const toasts = {
  now: () => shown,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
