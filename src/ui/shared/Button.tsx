import type { ComponentPropsWithRef } from "react";
import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon.tsx";

export interface ButtonProps extends ComponentPropsWithRef<"button"> {
  readonly look?: "primary" | "plain" | "quiet" | "danger";
  readonly icon?: IconName;
  readonly iconFilled?: boolean;
}

/** A button with words, and a picture before them if `icon` is given. */
export function Button({
  look = "plain",
  icon,
  iconFilled = false,
  className,
  children,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={[styles.button, styles[look], className].filter(Boolean).join(" ")}
      {...rest}
    >
      {icon && <Icon name={icon} filled={iconFilled} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentPropsWithRef<"button">, "children" | "aria-label"> {
  /** What it does, in words; also shown on hover. */
  readonly label: string;
  readonly icon: IconName;
  readonly filled?: boolean;
}

/** A square button whose name is not written on it. */
export function IconButton({
  label,
  icon,
  title,
  filled = false,
  className,
  type = "button",
  ...rest
}: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={title ?? label}
      className={[styles.button, styles.quiet, styles.square, className].filter(Boolean).join(" ")}
      {...rest}
    >
      <Icon name={icon} filled={filled} />
    </button>
  );
}
