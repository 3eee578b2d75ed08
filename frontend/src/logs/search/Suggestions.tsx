import type { ReactNode } from "react";

import { short } from "../../format/numbers.ts";
import { Text } from "../list/Text.tsx";
import type { Suggestion } from "./useSuggestions.ts";

interface SuggestionsProps {
  readonly id: string;
  readonly suggestions: readonly Suggestion[];
  readonly chosen: number;
  readonly onTake: (suggestion: Suggestion) => void;
}

/** The list below the search box. The input keeps the focus. */
export function Suggestions({ id, suggestions, chosen, onTake }: SuggestionsProps): ReactNode {
  return (
    <ul className="suggestions floating" id={`${id}-list`} role="listbox" aria-label="Suggestions">
      {suggestions.map((suggestion, at) => (
        <li
          key={`${suggestion.kind} ${suggestion.text}`} id={`${id}-${at}`} role="option" aria-selected={at === chosen}
          className="suggestion" onPointerDown={(event) => event.preventDefault()} onClick={() => onTake(suggestion)}
        >
          <span className="suggestion-text"><Text text={suggestion.text} most={300} oneLine /></span>
          <span className="suggestion-kind">{kindOf(suggestion)}</span>
        </li>
      ))}
    </ul>
  );
}

function kindOf(suggestion: Suggestion): string {
  if (suggestion.kind === "past") return "asked before";
  if (suggestion.typing.kind === "field") return "field";
  return suggestion.count === undefined ? "" : short(suggestion.count);
}
