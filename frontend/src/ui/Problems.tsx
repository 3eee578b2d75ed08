import type { ReactNode } from "react";

import type { Failure } from "../session/request.ts";
import { Button } from "./Button.tsx";
import { Notice } from "./Notice.tsx";

interface ProblemsProps {
  readonly problems: readonly { readonly failure: Failure; readonly text: string }[];
  /** Asks again; without it nobody can. */
  readonly again?: () => void;
}

/** What went wrong with an answer, each thing once. */
export function Problems({ problems, again }: ProblemsProps): ReactNode {
  const texts = [...new Set(problems.map(({ text }) => text))];
  return (
    <div role="alert">
      {texts.length > 0 && (
        <Notice kind={problems.every(({ failure }) => failure.code === "DAMAGED") ? "warning" : "error"}>
          {texts.map((text) => <p key={text}>{text}</p>)}
          {again !== undefined && <Button onClick={again}>Try again</Button>}
        </Notice>
      )}
    </div>
  );
}
