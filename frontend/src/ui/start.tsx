/** Puts a page into the document. */
import { StrictMode, type ReactNode } from "react";
import { createRoot } from "react-dom/client";

import { followTheme } from "./theme.ts";
import "./tokens.css";
import "./base.css";

export function start(page: ReactNode): void {
  const root = document.getElementById("root");
  if (root === null) throw new Error("the document has no #root");
  followTheme();
  createRoot(root).render(<StrictMode>{page}</StrictMode>);
}
