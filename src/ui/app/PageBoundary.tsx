import { Component, type ReactNode } from "react";
import { Button } from "#ui/shared/Button.tsx";
import styles from "./App.module.css";

export interface PageBoundaryProps {
  readonly children: ReactNode;
}

/** Stands in for a page whose code could not be fetched, or that broke. A browser does not fetch a module again that has
 *  failed once, so trying again means loading the page anew; what the address says is drawn again. */
export class PageBoundary extends Component<PageBoundaryProps, { readonly detail: string | null }> {
  override readonly state: { readonly detail: string | null } = { detail: null };

  static getDerivedStateFromError(error: unknown) {
    return { detail: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { detail } = this.state;
    if (detail === null) return this.props.children;
    return (
      <div className={styles.opening} role="alert">
        <p>
          <b>This page could not be opened.</b> {detail}
        </p>
        <Button onClick={() => location.reload()}>Try again</Button>
      </div>
    );
  }
}
