import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitWords } from "./words.ts";

const characters = fc.constantFrom("a", "b", "#", "$", ";", "|", " ", "\t", "\n", "'", '"', "\\", "ä");
const anyText = fc.string({ unit: characters, maxLength: 6 });

/** A piece of a word as it may be written, and what it means. */
const piece = fc.oneof(
  fc.stringMatching(/^[a-z/.=-]{1,6}$/).map((text) => ({ text, meaning: text })),
  anyText.map((meaning) => ({ text: `"${meaning.replace(/["\\]/g, "\\$&")}"`, meaning })),
  anyText.map((text) => text.replaceAll("'", "")).map((meaning) => ({ text: `'${meaning}'`, meaning })),
  anyText
    .filter((text) => text !== "")
    .map((meaning) => ({ text: Array.from(meaning, (one) => `\\${one}`).join(""), meaning })),
);
const word = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => ({
  text: pieces.map(({ text }) => text).join(""),
  meaning: pieces.map(({ meaning }) => meaning).join(""),
}));
const gap = fc.constantFrom(" ", "\t", "\n", " \r\n ", " # a 'comment\n");

test("words in any kind of quotes, with any gap between them, are split into what was meant", () => {
  const line = fc.array(fc.tuple(word, gap), { maxLength: 5 });
  fc.assert(
    fc.property(line, (words) => {
      const text = words.map(([one, after]) => one.text + after).join("");
      const meant = words.map(([{ meaning }]) => meaning);
      assert.deepEqual(splitWords(text), { kind: "words", words: meant }, JSON.stringify(text));
    }),
  );
});

test("whatever is left open at the end is refused", () => {
  fc.assert(
    fc.property(word, fc.constantFrom(" '", ' "', "'a b", '"a\\"', " \\", ' "\\'), ({ text }, open) => {
      assert.equal(splitWords(text + open).kind, "invalid", JSON.stringify(text + open));
    }),
  );
});

test("any text at all is split, or refused, as the automaton of kured's grammar does it", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "'", '"', "\\", "#"), maxLength: 12 });
  fc.assert(
    fc.property(text, (some) => {
      assert.deepEqual(splitWords(some), automaton(some), JSON.stringify(some));
    }),
    { numRuns: 2_000 },
  );
});

type Inside = "gap" | "word" | "comment" | "single" | "double" | "escape" | "escapeInDouble";

/** One character after the other, by the state that the one before has led to. */
function automaton(text: string): ReturnType<typeof splitWords> {
  const words: string[] = [];
  let word = "";
  let inside: Inside = "gap";
  for (const one of [...Array.from(text), undefined]) {
    const isSeparator = one === undefined || one === " " || one === "\n";
    if (inside === "comment") {
      inside = one === "\n" ? "gap" : "comment";
    } else if (inside === "escape" || inside === "escapeInDouble") {
      if (one === undefined) return { kind: "invalid", message: "EOF found after escape character" };
      word += one;
      inside = inside === "escape" ? "word" : "double";
    } else if (inside === "single" || inside === "double") {
      if (one === undefined) return { kind: "invalid", message: "EOF found when expecting closing quote" };
      if (one === (inside === "single" ? "'" : '"')) inside = "word";
      else if (one === "\\" && inside === "double") inside = "escapeInDouble";
      else word += one;
    } else if (isSeparator) {
      if (inside === "word") words.push(word);
      word = "";
      inside = "gap";
    } else if (one === "#" && inside === "gap") inside = "comment";
    else if (one === "'") inside = "single";
    else if (one === '"') inside = "double";
    else if (one === "\\") inside = "escape";
    else {
      word += one;
      inside = "word";
    }
  }
  return { kind: "words", words };
}
