/**
 * Imports a module that only the user names: a node of their own (a URL), or the package of a Keyv store. All other imports name
 * their module in the text; in the packed command (`bundle.js`) this one is given by the launcher, since packed text cannot import.
 */
export const importUser = (specifier: string): Promise<unknown> => import(specifier)
