/** Puts text on the clipboard, also for pages over plain HTTP from another machine, where browsers have no
 * `navigator.clipboard`.
 * @throws when the browser does not let us */
export async function copy(text: string): Promise<void> {
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (clipboard !== undefined) return clipboard.writeText(text);
  const copied = new Promise<void>((resolve, reject) => {
    const onCopy = (event: ClipboardEvent) => {
      event.preventDefault();
      event.stopPropagation();
      event.clipboardData?.setData("text/plain", text);
      resolve();
    };
    document.addEventListener("copy", onCopy, { capture: true, once: true });
    if (!document.execCommand("copy")) {
      document.removeEventListener("copy", onCopy, { capture: true });
      reject(new Error("the browser does not let us copy"));
    }
  });
  return copied;
}
