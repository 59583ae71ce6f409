import field from "#ui/shared/field.module.css";

export interface ClassFieldsProps {
  /** One name a further class, in label order. */
  readonly names: readonly string[];
  onChange(names: readonly string[]): void;
}

/** Names of the classes that only this model knows; links carry them, so they are plain. */
export function ClassFields({ names, onChange }: ClassFieldsProps) {
  const places = names.map((name, at) => ({ title: `Further class ${at + 1}`, name, at }));
  const rename = (at: number, to: string) =>
    onChange(names.map((name, i) => (i === at ? to.replace(/[^\w.-]/g, "-") : name)));
  return places.map(({ title, name, at }) => (
    <label className={field.field} key={title}>
      <span>{title}</span>
      <input
        type="text"
        required
        maxLength={64}
        value={name}
        onChange={({ currentTarget }) => rename(at, currentTarget.value)}
      />
    </label>
  ));
}
