/** The way to GraphiQL with an operation. It stands in the fragment of the address: no server sees it. */

/** The address of GraphiQL with an operation and its variables. */
export function graphiqlLink(operation: unknown, variables: object): string {
  const query = tidied(String(operation));
  return `/graphiql#${new URLSearchParams({ query, variables: JSON.stringify(variables, undefined, 2) })}`;
}

/** Operations are indented like the code that they stand in: here each part begins at the margin. */
function tidied(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  let margin = 0;
  const moved = lines.map((line) => {
    const indent = line.search(/\S/);
    if (/^\s*(query|subscription|fragment)\b/.test(line)) margin = indent;
    return line.slice(Math.min(indent, margin));
  });
  return `${moved.join("\n").replaceAll(/^(?=fragment)/gm, "\n")}\n`;
}
