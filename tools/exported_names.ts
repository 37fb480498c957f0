/** What a module exports: names, the members of its classes, and the parameters of what can be called. */

/** A part of what `deno doc --json` prints; types are trees of objects. */
interface Documented {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly def: {
      readonly params?: readonly unknown[];
      readonly constructors?: readonly { readonly params: readonly unknown[] }[];
      readonly methods?: readonly {
        readonly name: string;
        readonly kind: string;
        readonly functionDef: { readonly params: readonly unknown[] };
      }[];
      readonly properties?: readonly { readonly name: string }[];
      /** Of an alias. */
      readonly tsType?: { readonly kind: string };
      /** Of a class a name, of an interface types. */
      readonly extends?: string | readonly unknown[];
    };
  }[];
}

/** What can be passed to a function. */
export interface Parameters {
  /** Names of parameters, and of the properties of options. */
  readonly names: ReadonlySet<string>;
  /** How many parameters there are before the options. */
  readonly positional: number;
}

/** What a module exports. */
export interface ExportedNames {
  /** Names, and for classes also `Class.member`. */
  readonly names: ReadonlySet<string>;
  /** By the name of a function or class, or `Class.method`. */
  readonly parameters: ReadonlyMap<string, Parameters>;
}

/** The names of types that a type mentions. */
function mentioned(type: unknown): string[] {
  if (Array.isArray(type)) return type.flatMap(mentioned);
  if (typeof type !== "object" || type === null) return [];
  return Object.entries(type).flatMap(([key, value]) =>
    key === "typeName" && typeof value === "string" ? [value] : mentioned(value)
  );
}

/**
 * Reads what `deno doc --json` prints for one module.
 *
 * @throws {TypeError} if the format is another than the one that is known.
 */
export function readExportedNames(json: string): ExportedNames {
  const { nodes } = JSON.parse(json) as { nodes?: Record<string, { symbols: Documented[] }> };
  const module = Object.values(nodes ?? {})[0];
  if (module === undefined) throw new TypeError("Cannot read the output of deno doc: it has no module");
  const symbols = new Map(module.symbols.map((symbol) => [symbol.name, symbol.declarations] as const));

  const optionsOf = (type: string): string[] =>
    (symbols.get(type) ?? []).flatMap(({ kind, def }) => {
      if (kind === "typeAlias") {
        return def.tsType?.kind === "mapped" || def.tsType?.kind === "typeRef"
          ? mentioned(def.tsType).flatMap(optionsOf)
          : [];
      }
      if (kind !== "interface") return [];
      return [...(def.properties ?? []).map(({ name }) => name), ...mentioned(def.extends ?? []).flatMap(optionsOf)];
    });
  const parametersOf = (overloads: readonly (readonly unknown[])[]): Parameters => {
    const names = new Set<string>();
    let positional = 0;
    for (const params of overloads) {
      let plain = 0;
      for (const param of params as readonly { name?: string; left?: { name: string }; arg?: { name: string } }[]) {
        names.add(param.name ?? param.left?.name ?? param.arg?.name ?? "");
        const options = mentioned(param).flatMap(optionsOf);
        for (const option of options) names.add(option);
        if (options.length === 0) plain++;
      }
      positional = Math.max(positional, plain);
    }
    return { names, positional };
  };

  const names = new Set<string>(symbols.keys());
  const parameters = new Map<string, Parameters>();
  for (const [name, declarations] of symbols) {
    const functions = declarations.filter(({ kind }) => kind === "function").map(({ def }) => def.params ?? []);
    if (functions.length > 0) parameters.set(name, parametersOf(functions));
    // The class, and those above it, which may have what it has not.
    for (let type: string | undefined = name; type !== undefined;) {
      const def: Documented["declarations"][number]["def"] | undefined = symbols.get(type)?.find(({ kind }) =>
        kind === "class"
      )?.def;
      if (def === undefined) break;
      if (def.constructors !== undefined && !parameters.has(name)) {
        parameters.set(name, parametersOf(def.constructors.map(({ params }) => params)));
      }
      for (const property of def.properties ?? []) names.add(`${name}.${property.name}`);
      for (const [method, overloads] of Map.groupBy(def.methods ?? [], (method) => method.name)) {
        names.add(`${name}.${method}`);
        if (parameters.has(`${name}.${method}`) || overloads[0]!.kind !== "method") continue;
        parameters.set(`${name}.${method}`, parametersOf(overloads.map(({ functionDef }) => functionDef.params)));
      }
      type = typeof def.extends === "string" ? def.extends : undefined;
    }
  }
  return { names, parameters };
}
