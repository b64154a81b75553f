/** Finding things in the catalog, and what is to be said of them. */

import { toCents } from "../shared/money.js";

/** So many characters of a number are more than a word that happens to begin one. */
const FEWEST = 4;

/** Letters that no normalization takes apart, as they are typed where the keyboard lacks them. */
const SPELLED = new Map(
  Object.entries({ ß: "ss", æ: "ae", œ: "oe", þ: "th", ø: "o", đ: "d", ð: "d", ħ: "h", ı: "i", ł: "l", ŧ: "t", ς: "σ" }),
);
/** What is written with a letter more where umlauts are missing: "Jörg" is found by "joerg". */
const UMLAUTS = new Map(Object.entries({ ä: "ae", ö: "oe", ü: "ue", å: "aa", ø: "oe" }));

/** Small letters of one width, without apostrophes: normalization would make a blank of some. */
const small = (text) => text.replaceAll(/['’‘‛ʼʻ`´′＇]/gu, "").normalize("NFKC").toLowerCase();
const respelled = (text, letters) => Array.from(text, (letter) => letters.get(letter) ?? letter).join("");

/**
 * `text` without what two keyboards differ in: capitals, accents, width, ligatures, apostrophes. What joins or parts
 * words becomes a blank, so that a word is found whatever stands around it.
 */
function bare(text) {
  return respelled(small(text), SPELLED)
    .normalize("NFKD")
    .replaceAll(/[\p{M}\p{Cf}]/gu, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Whether some of `words`, one after the other, are what `joined` writes as one: "Rock ’n’ Roll" is "rock'n'roll". */
function runs(words, joined) {
  return words.some((_, from) => {
    let run = "";
    for (let to = from; run.length < joined.length && to < words.length; to += 1) run += words[to];
    return run === joined;
  });
}

/** The words of `text` in both spellings of what it has. */
const spellings = (text) => [bare(text), bare(respelled(small(text), UMLAUTS))];

const has = (text, word) => text.includes(word) || runs(text.split(" "), word);

/** A number without what stands between its digits, or before it. */
function digits(text) {
  const said = text.normalize("NFKC").replace(/^\s*isbn(?:\p{Pd}?1[03](?=[:\s]))?:?/iu, "");
  return said.replaceAll(/[\s\p{Pd}]/gu, "").toLowerCase();
}

/** The ISBN-13 of an ISBN-10, or the text as it is. */
function thirteen(isbn) {
  if (!/^[0-9]{9}[0-9x]$/.test(isbn)) return isbn;
  const body = `978${isbn.slice(0, 9)}`;
  const sum = Array.from(body).reduce((before, digit, place) => before + Number(digit) * (place % 2 ? 3 : 1), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

/**
 * Those products whose title or author has every word of `wanted`, however it is typed; or whose number it is, with
 * hyphens or without, as an ISBN of ten digits or thirteen.
 */
export function found(products, wanted) {
  const asked = spellings(wanted).map((text) => text.split(" "));
  const number = thirteen(digits(wanted));
  return products.filter(({ sku, name, author }) => {
    const texts = spellings(`${name} ${author}`);
    const isNamed = asked.some((words) => words.every((word) => texts.some((text) => has(text, word))));
    return isNamed || (number.length >= FEWEST && thirteen(digits(sku)).startsWith(number));
  });
}

const alphabet = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
const filed = (name) => name.replace(/^(?:the|an?) /i, "");
const byName = (a, b) => alphabet.compare(filed(a.name), filed(b.name));
const surname = ({ author }) => author.split(" ").at(-1);

export const ORDERS = {
  title: ["Title", byName],
  author: [
    "Author",
    (a, b) => alphabet.compare(surname(a), surname(b)) || alphabet.compare(a.author, b.author) || byName(a, b),
  ],
  price: ["Price", (a, b) => toCents(a.price) - toCents(b.price) || byName(a, b)],
};

export const sorted = (products, order) => [...products].sort(ORDERS[order][1]);

/** What a shopper should know of the stock, or nothing. */
export function stockWords(inStock) {
  if (inStock <= 0) return "Out of stock";
  return inStock <= 5 ? `Only ${inStock} left` : "";
}
