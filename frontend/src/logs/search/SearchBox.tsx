import { memo, useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import type { Problem } from "../../graphql/problems.ts";
import { Icon } from "../../ui/Icon.tsx";
import { useShortcut } from "../../ui/shortcuts.ts";
import type { Filter } from "../view/filter.ts";
import { completed } from "./caret.ts";
import { Coloured } from "./Coloured.tsx";
import { rememberQuery } from "./history.ts";
import { Suggestions } from "./Suggestions.tsx";
import { useSuggestions, type Suggestion } from "./useSuggestions.ts";
import "./SearchBox.css";

interface SearchBoxProps {
  readonly query: string;
  readonly onSearch: (query: string) => void;
  /** What the server says of the query. */
  readonly problem: Problem | undefined;
  readonly attributes: readonly string[];
  readonly within: Filter;
}

/** Where the query is written. It is asked on Enter. */
export const SearchBox = memo(function SearchBox({ query, onSearch, problem, attributes, within }: SearchBoxProps): ReactNode {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(query);
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(-1);
  const [scrolled, setScrolled] = useState(0);
  const suggestions = useSuggestions({ query: draft, caret, attributes, within });
  const open = caret !== undefined && suggestions.length > 0;
  useEffect(() => setDraft(query), [query]);
  useShortcut({ keys: "/", does: "Search", group: "Explore" }, () => input.current?.select());

  const type = (text: string, at: number | null) => {
    setDraft(text);
    setCaret(at ?? text.length);
    setChosen(-1);
  };
  const search = (text: string) => {
    setCaret(undefined);
    setDraft(text);
    rememberQuery(text);
    onSearch(text.trim());
  };
  const take = (suggestion: Suggestion) => {
    if (suggestion.kind === "past") return search(suggestion.text);
    const after = completed(draft, suggestion.typing, suggestion.text);
    type(after.query, after.caret);
    // The caret can be set once the text is there.
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(after.caret, after.caret);
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const suggestion = suggestions[chosen];
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        event.preventDefault();
        if (!open) return type(draft, input.current?.selectionStart ?? null);
        const step = event.key === "ArrowDown" ? 1 : -1;
        // One place more than there are suggestions: none of them.
        const places = suggestions.length + 1;
        return setChosen(((chosen + 1 + step + places) % places) - 1);
      }
      case "Tab":
        if (!open || event.shiftKey) return;
        event.preventDefault();
        return take(suggestion ?? suggestions[0]!);
      case "Enter":
        event.preventDefault();
        return suggestion === undefined ? search(draft) : take(suggestion);
      case "Escape":
        event.preventDefault();
        if (open) return setCaret(undefined);
        setDraft(query);
        return input.current?.blur();
    }
  };

  // What is changed already may be right again.
  const column = draft === query ? problem?.failure.details.column : undefined;
  return (
    <div className="search" role="search">
      <div className={problem === undefined ? "search-box" : "search-box search-wrong"}>
        <Icon name="search" />
        <div className="search-text">
          <Coloured query={draft} wrongAt={column} scrolled={scrolled} />
          <input
            ref={input} className="search-input" type="text" value={draft} aria-label="Search"
            placeholder='Search: words, "phrases", host:web-1, severity>=warning, -not, /regex/'
            role="combobox" aria-expanded={open} aria-controls={`${id}-list`} aria-autocomplete="list"
            aria-activedescendant={open && chosen >= 0 ? `${id}-${chosen}` : undefined}
            aria-invalid={problem !== undefined} aria-describedby={`${id}-problem`}
            autoComplete="off" autoCapitalize="none" autoCorrect="off" spellCheck={false} maxLength={4096}
            onChange={({ target }) => type(target.value, target.selectionStart)} onKeyDown={onKeyDown}
            onClick={() => type(draft, input.current?.selectionStart ?? null)} onBlur={() => setCaret(undefined)}
            onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollLeft)}
          />
        </div>
        {draft !== "" && (
          <button type="button" className="search-clear" aria-label="Clear the search" onClick={() => search("")}>
            <Icon name="close" size={14} />
          </button>
        )}
      </div>
      {open && <Suggestions id={id} suggestions={suggestions} chosen={chosen} onTake={take} />}
      <p className="search-problem" id={`${id}-problem`} role="alert">
        {problem !== undefined && (
          <>
            {column !== undefined && <span>Column {column}: </span>}
            {problem.text}
          </>
        )}
      </p>
    </div>
  );
});
