/** The token of the link. It is good once and for everything, so it does not stay in the address bar, where the
 * history, a bookmark or a glance over the shoulder would find it. */
export function takeToken(): string | undefined {
  const address = new URL(window.location.href);
  const token = address.searchParams.get("token");
  address.searchParams.delete("token");
  window.history.replaceState(null, "", address);
  return token || undefined;
}
