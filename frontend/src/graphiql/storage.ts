/** Where GraphiQL keeps tabs and history. Variables may hold passwords, so that lasts as long as this browser tab, and
 * each user has their own. */
export function storageOf(userId: string): Pick<Storage, "getItem" | "setItem" | "removeItem" | "clear" | "length"> {
  const prefix = `${userId}:`;
  const own = () => Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));
  return {
    getItem: (key) => sessionStorage.getItem(prefix + key),
    setItem: (key, value) => sessionStorage.setItem(prefix + key, value),
    removeItem: (key) => sessionStorage.removeItem(prefix + key),
    clear: () => own().forEach((key) => sessionStorage.removeItem(key)),
    get length() {
      return own().length;
    },
  };
}
