import type { ReactNode } from "react";

import icon from "./icon.svg";
import "./Card.css";

interface CardProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** A page that is one small thing in the middle: a form, or a message. */
export function Card({ title, children }: CardProps): ReactNode {
  return (
    <main className="card-page">
      <section className="card" aria-labelledby="card-title">
        <img className="card-icon" src={icon} alt="" width={40} height={40} />
        <h1 id="card-title">{title}</h1>
        {children}
      </section>
    </main>
  );
}
