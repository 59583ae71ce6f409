import { use } from "react";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { ModelsContext, useShelf } from "./context.ts";
import { ImportModel } from "./Import/ImportModel.tsx";
import styles from "./ModelsPage.module.css";
import { OwnModels } from "./Own/OwnModels.tsx";
import { Family } from "./Shipped/Family.tsx";
import { Strangers } from "./Shipped/Strangers.tsx";
import { Storage } from "./Storage.tsx";
import { troubleText } from "./words.ts";

/** The reader's own models, those that come with the page, and the room that they take. */
export function ModelsPage() {
  const models = use(useStudio().models());
  return (
    <ModelsContext value={models}>
      <div className={styles.page}>
        <div className={styles.column}>
          <Trouble />
          <section aria-labelledby="own-models">
            <div className={styles.head}>
              <div>
                <h2 id="own-models" className={styles.title}>
                  Your models
                </h2>
                <p className={styles.about}>
                  Kept in this browser and nowhere else. They draw and compare like the others.
                </p>
              </div>
              <ImportModel />
            </div>
            <OwnModels />
          </section>
          <Families />
          <Strangers />
          <Storage />
        </div>
      </div>
    </ModelsContext>
  );
}

function Families() {
  const families = useApp((app) => app.engine.manifest?.families);
  if (!families) return <p className={styles.about}>The list of models is on its way.</p>;
  return families.map((family) => <Family key={family.name} family={family} />);
}

function Trouble() {
  const trouble = useShelf((shelf) => shelf.trouble);
  return (
    <div role="alert" className={styles.alert}>
      {trouble && <p>{troubleText(trouble)}</p>}
    </div>
  );
}
