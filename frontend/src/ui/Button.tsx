import type { ComponentProps, ReactNode } from "react";

interface ButtonProps extends ComponentProps<"button"> {
  /** `primary` is what a form is there for; at most one in a view. */
  readonly look?: "primary" | "plain";
}

export function Button({ look = "plain", type = "button", className = "", ...rest }: ButtonProps): ReactNode {
  return <button type={type} className={`button button-${look} ${className}`.trimEnd()} {...rest} />;
}
