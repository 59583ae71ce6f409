import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { browserHost } from "#state/browserHost.ts";
import { createStudio } from "#state/studio.ts";
import { App } from "./app/App.tsx";

import { saveFile } from "./app/saveFile.ts";
import { StudioContext } from "./shared/context.ts";
import "./tokens.css";
import "./base.css";

const studio = createStudio(browserHost(document.baseURI, saveFile));
studio.begin();
addEventListener("hashchange", studio.followHash);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <StudioContext value={studio}>
        <App />
      </StudioContext>
    </StrictMode>,
  );
}
