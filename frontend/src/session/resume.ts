/** Goes on with a tail where it was cut. Each batch carries a cursor; the operation asked again from there misses
 * nothing and repeats nothing, however long the cut was. */
import { Kind, parse, print, visit, type DocumentNode, type FieldNode, type OperationDefinitionNode } from "graphql";

/** An operation as it is sent. */
export interface Operation {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The name under which an answer to a subscription holds the cursor of its `tail`: the two aliases, or `undefined`
 * when it is no `tail`, or one that does not ask for the cursor. */
export interface CursorPath {
  readonly tail: string;
  readonly cursor: string;
}

/** Where the answers to an operation hold their cursor. */
export function cursorPath(operation: Operation): CursorPath | undefined {
  const tail = tailOf(parse(operation.query), operation.operationName);
  const cursor = tail?.selectionSet?.selections.find((part) => isField(part, "cursor")) as FieldNode | undefined;
  return tail && cursor && { tail: answered(tail), cursor: answered(cursor) };
}

/** The cursor in an answer's data. */
export function cursorIn(data: unknown, path: CursorPath): string | undefined {
  const tail = (data as Record<string, Record<string, unknown> | null> | null | undefined)?.[path.tail];
  const cursor = tail?.[path.cursor];
  return typeof cursor === "string" ? cursor : undefined;
}

/** The same operation, its `tail` from just after a cursor on. */
export function resumed(operation: Operation, cursor: string): Operation {
  const document = parse(operation.query);
  const tail = tailOf(document, operation.operationName);
  if (tail === undefined) return operation;
  const kept = (tail.arguments ?? []).filter(({ name }) => name.value !== "last" && name.value !== "after");
  const after = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: "after" },
    value: { kind: Kind.STRING, value: cursor },
  } as const;
  const changed = visit(document, {
    Field: (field) => (field === tail ? { ...field, arguments: [...kept, after] } : undefined),
  });
  return { ...operation, query: print(withoutUnused(changed, operation.operationName)) };
}

/** Takes away the variables that nothing uses any more: an operation with such is refused. */
function withoutUnused(document: DocumentNode, name: string | null | undefined): DocumentNode {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: (variable) => void used.add(variable.name.value),
  });
  const chosen = chosenOf(document, name);
  return visit(document, {
    OperationDefinition: (operation) =>
      operation === chosen
        ? {
            ...operation,
            variableDefinitions: (operation.variableDefinitions ?? []).filter((definition) =>
              used.has(definition.variable.name.value),
            ),
          }
        : undefined,
  });
}

/** The one root field of a subscription, when that is `tail`. */
function tailOf(document: DocumentNode, name: string | null | undefined): FieldNode | undefined {
  const operation = chosenOf(document, name);
  if (operation?.operation !== "subscription") return undefined;
  return operation.selectionSet.selections.find((part) => isField(part, "tail")) as FieldNode | undefined;
}

function chosenOf(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode | undefined {
  return document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION && (!name || definition.name?.value === name),
  );
}

function isField(part: { readonly kind: Kind }, name: string): boolean {
  return part.kind === Kind.FIELD && (part as FieldNode).name.value === name;
}

function answered(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}
