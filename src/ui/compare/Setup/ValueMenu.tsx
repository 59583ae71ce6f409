import { DropdownMenu } from "radix-ui";
import type { Family } from "#checkpoints/manifest.ts";
import type { Axis } from "#compare/axis.ts";
import { parseAxis } from "#compare/values.ts";
import { AXIS_TITLES, modelWords } from "#compare/words.ts";
import { SOLVER_NAMES, SOLVERS } from "#flow/solvers/names.ts";
import { ownTexts } from "#state/ownTexts.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { Icon } from "#ui/shared/Icon.tsx";
import { layerRoot } from "#ui/shared/layerRoot.ts";
import menu from "#ui/shared/menu.module.css";
import { modelTextsOf, variantsOf } from "./axes.ts";
import styles from "./ValueMenu.module.css";

export interface ValueMenuProps {
  readonly axis: Axis;
  readonly family: Family;
  readonly title: string;
  onChangeAxis(axis: Axis): void;
}

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly about: string | undefined;
}

/** Everything that an axis of names can take; none for an axis of numbers. */
function choicesOf(axis: Axis, family: Family): readonly Choice[] {
  const own = new Map(ownTexts(family).map(({ text, label }) => [text, label]));
  const aboutModel = (name: string) => family.models.find((model) => model.name === name)?.about;
  switch (axis.name) {
    case "class":
      return [
        ...family.classes.map(({ name, title }) => ({ value: name, label: name, about: title })),
        ...furtherClasses(family).map(([name, about]) => ({ value: name, label: name, about })),
      ];
    case "variant":
      return variantsOf(family).map((name) => ({
        value: name,
        label: own.get(name) ?? name,
        about: aboutModel(name),
      }));
    case "model":
      return modelTextsOf(family).map((text) => ({
        value: text,
        label: own.get(text) ?? modelWords(text),
        about: aboutModel(text),
      }));
    case "solver":
      return SOLVER_NAMES.map((name) => ({
        value: name,
        label: SOLVERS[name].label,
        about: `${SOLVERS[name].nfePerStep} NFE a step`,
      }));
    case "seed":
    case "tau":
    case "steps":
    case "guidance":
      return [];
    default:
      return axis satisfies never;
  }
}

/** Classes that models of the reader's own know, and which do. */
function furtherClasses(family: Family): readonly (readonly [name: string, about: string])[] {
  const names = [...new Set(family.models.flatMap((model) => model.classes ?? []))];
  return names.map((name) => {
    const known = family.models.filter((model) => model.classes?.includes(name));
    return [name, `Known by ${known.map((model) => model.title ?? model.name).join(", ")} alone`];
  });
}

/** The names that an axis can take, to be ticked; nothing for numbers, which are typed. */
export function ValueMenu({ axis, family, title, onChangeAxis }: ValueMenuProps) {
  const choices = choicesOf(axis, family);
  if (choices.length === 0) return null;
  const chosen: readonly string[] = axis.values.map(String);
  const toggle = (value: string) => {
    const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    const parsed = parseAxis(axis.name, next.join(", "));
    if (parsed.ok) onChangeAxis(parsed.value);
  };
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton icon="list" className={styles.trigger} label={`${title}: choose from a list`} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={layerRoot()}>
        <DropdownMenu.Content
          className={[menu.content, styles.list].join(" ")}
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={AXIS_TITLES[axis.name]}
        >
          {choices.map(({ value, label, about }) => (
            <DropdownMenu.CheckboxItem
              key={value}
              className={menu.item}
              checked={chosen.includes(value)}
              onCheckedChange={() => toggle(value)}
              onSelect={(event) => event.preventDefault()}
            >
              <span className={menu.tick}>
                <DropdownMenu.ItemIndicator>
                  <Icon name="check" />
                </DropdownMenu.ItemIndicator>
              </span>
              <span className={styles.words}>
                {label}
                {about && <small>{about}</small>}
              </span>
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
