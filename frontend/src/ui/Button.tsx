import type { ComponentProps, ReactNode } from "react";

import "./Button.css";

interface ButtonProps extends ComponentProps<"button"> {
  /** `primary` is what a form is there for, at most one in a view; `danger` takes something away for good; `quiet` has
   * no frame until it is pointed at. */
  readonly look?: "primary" | "plain" | "quiet" | "danger";
}

export function Button({ look = "plain", type = "button", className = "", ...rest }: ButtonProps): ReactNode {
  return <button type={type} className={`button button-${look} ${className}`.trimEnd()} {...rest} />;
}

interface IconButtonProps extends Omit<ButtonProps, "aria-label" | "children"> {
  /** What it does, for those who do not see the icon, and for all who point at it. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A button that shows an icon only. */
export function IconButton({ label, look = "quiet", className = "", ...rest }: IconButtonProps): ReactNode {
  return <Button look={look} className={`button-icon ${className}`.trimEnd()} aria-label={label} title={label} {...rest} />;
}
