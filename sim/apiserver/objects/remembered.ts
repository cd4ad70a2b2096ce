/**
 * `read` with a memory: what it answered for an object is answered again, for as long as anybody has that object.
 * Only for objects that nobody changes in place, and for answers that nobody changes either.
 */
export function remembered<Of extends object, T>(read: (object: Of) => T): (object: Of) => T {
  const known = new WeakMap<Of, { readonly answer: T }>();
  return (object) => {
    const found = known.get(object);
    if (found !== undefined) return found.answer;
    const answer = read(object);
    known.set(object, { answer });
    return answer;
  };
}
