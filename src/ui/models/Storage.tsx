import { Button } from "#ui/shared/Button.tsx";
import { bytesText } from "#ui/shared/format.ts";
import { useModels, useShelf } from "./context.ts";
import page from "./ModelsPage.module.css";

/** Room on the disk, and whether the browser may clear it by itself; nothing where the browser does not say. */
export function Storage() {
  const models = useModels();
  const room = useShelf((shelf) => shelf.room);
  const hasOwn = useShelf(({ own }) => own.status === "open" && own.models.length > 0);
  if (!room) return null;
  const { usedBytes, givenBytes, lasting } = room;
  return (
    <section aria-labelledby="storage" className={page.head}>
      <div>
        <h2 id="storage" className={page.title}>
          Storage
        </h2>
        <p className={page.about}>
          This site takes {bytesText(usedBytes)} of the {bytesText(givenBytes)} that the browser gives it.{" "}
          {lasting
            ? "It has promised to keep them."
            : "It may clear them when the disk runs short; exported files are safe from that."}
        </p>
      </div>
      {!lasting && hasOwn && <Button onClick={() => models.makeLasting()}>Ask it to keep them</Button>}
    </section>
  );
}
