import { Popover } from "radix-ui";
import { printHash } from "#state/hash.ts";
import { useApp } from "#ui/shared/context.ts";
import { countText } from "#ui/shared/format.ts";
import { layerRoot } from "#ui/shared/layerRoot.ts";
import { BACKEND_NAMES, stateWords } from "#ui/shared/stateWords.ts";
import styles from "./Header.module.css";

/** What computes, how it is doing, and why it was chosen. */
export function EngineBadge() {
  const state = useApp((app) => app.engine.state);
  const backend = useApp((app) => app.engine.backend);
  const address = useApp((app) => printHash(app.settings));
  const { short, text, tone } = stateWords(state);
  return (
    <Popover.Root>
      <Popover.Trigger className={styles.badge} data-tone={tone}>
        <i aria-hidden="true" />
        <span className={styles.backend}>{backend ? BACKEND_NAMES[backend.name] : "Engine"}</span>
        <span className={styles.short}>{short}</span>
      </Popover.Trigger>
      <Popover.Portal container={layerRoot()}>
        <Popover.Content
          className={styles.popover}
          align="end"
          sideOffset={8}
          collisionPadding={12}
          aria-label="Engine"
        >
          <h2>{backend ? `Computing with ${BACKEND_NAMES[backend.name]}` : "Engine"}</h2>
          <p>{text}</p>
          {backend && (
            <>
              <p>{backend.reason}</p>
              <dl>
                {backend.adapter && (
                  <>
                    <dt>Adapter</dt>
                    <dd>
                      {backend.adapter}
                      {backend.software ? " (software)" : ""}
                    </dd>
                  </>
                )}
                <dt>Kernels</dt>
                <dd>{backend.kernels}</dd>
                <dt>Side by side</dt>
                <dd>{countText(backend.microBatch, "image")}</dd>
                <dt>Asked for</dt>
                <dd>
                  {backend.requested === "auto" ? "the best there is" : BACKEND_NAMES[backend.requested]}
                </dd>
              </dl>
              <p>
                Choose another: <a href={`?backend=webgpu${address}`}>WebGPU</a>,{" "}
                <a href={`?backend=wasm${address}`}>WebAssembly</a>,{" "}
                <a href={`?backend=cpu${address}`}>plain JavaScript</a>.
              </p>
            </>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
