/** Goes on with a tail where it was cut. Each batch carries a cursor; the operation asked again from there misses
 * nothing and repeats nothing, however long the cut was. */
import { Kind, parse, print, visit, type DocumentNode, type FieldNode, type OperationDefinitionNode } from "graphql";

/** An operation as it is sent. */
export interface Operation {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The names under which the answers to a subscription hold its `tail` and the parts of a batch, by their aliases. */
export interface BatchNames {
  readonly tail: string;
  readonly cursor: string | undefined;
  readonly logs: string | undefined;
}

/** Those names; `undefined` when the operation is no `tail`. */
export function batchNames(operation: Operation): BatchNames | undefined {
  const tail = tailOf(parse(operation.query), operation.operationName);
  return tail && { tail: answered(tail), cursor: nameOf(tail, "cursor"), logs: nameOf(tail, "logs") };
}

/** A batch in the data of an answer; none when the `tail` failed. */
export function batchIn(data: unknown, names: BatchNames): Readonly<Record<string, unknown>> | undefined {
  const batch = (data as Readonly<Record<string, unknown>> | null | undefined)?.[names.tail];
  return typeof batch === "object" && batch !== null ? (batch as Readonly<Record<string, unknown>>) : undefined;
}

/** The cursor in the data of an answer, when it was asked for. */
export function cursorIn(data: unknown, names: BatchNames): string | undefined {
  const cursor = names.cursor === undefined ? undefined : batchIn(data, names)?.[names.cursor];
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

function nameOf(parent: FieldNode, name: string): string | undefined {
  const field = parent.selectionSet?.selections.find((part) => isField(part, name)) as FieldNode | undefined;
  return field && answered(field);
}

function answered(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}
