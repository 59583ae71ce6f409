import { useApp, useStudio } from "#ui/shared/context.ts";
import field from "#ui/shared/field.module.css";

/** Families of models; shown where there is more than one to choose from. */
export function FamilyField() {
  const { session } = useStudio();
  const families = useApp((app) => app.engine.manifest?.families);
  const value = useApp((app) => app.settings.family);
  if (!families || families.length < 2) return null;
  return (
    <label className={field.beside}>
      <span>Family</span>
      <select value={value} onChange={(event) => session.chooseFamily(event.currentTarget.value)}>
        {families.map((family) => (
          <option key={family.name} value={family.name}>
            {family.title}
          </option>
        ))}
      </select>
    </label>
  );
}
