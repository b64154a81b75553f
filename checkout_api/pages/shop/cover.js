/**
 * Covers: the product's own image if it is served from here, else one set in type, the same for a book each time.
 *
 * How wide a text is depends on the reader's fonts, so it is tried in the page: each text has the largest of its sizes at
 * which no word is broken and all of it has room.
 */

import { BASE } from "../shared/api.js";
import { el } from "../shared/dom.js";

const STYLES = ["band", "frame", "label", "plain"];
const CLOTHS = 8;
const TITLE_SIZES = [14.5, 13, 11.5, 10, 9, 8, 7, 6]; // in hundredths of the cover's width
const AUTHOR_SIZES = [7.8, 7, 6.5, 6];
const LARGEST_BROKEN = 9;

/** A picture without words for who cannot see it: title and author always stand beside it. */
export function cover(product) {
  const drawn = () => setInType(product);
  const source = own(product.image);
  if (!source) return drawn();
  const image = el("img", { src: source, alt: "", loading: "lazy", class: "cover" });
  image.addEventListener("error", () => image.replaceWith(drawn()));
  return image;
}

/** The image's address if it is on this host: the page may load nothing from elsewhere. */
function own(image) {
  if (!image || !URL.canParse(image, BASE)) return undefined;
  const address = new URL(image, BASE);
  return address.origin === BASE.origin ? address.href : undefined;
}

function setInType({ sku, name, author }) {
  const { style, cloth } = look(sku);
  const text = (part, words) => el("span", { class: part }, shortened(words));
  const node = el(
    "span",
    { class: `cover cloth-${cloth}`, "aria-hidden": "true" },
    el("span", { class: `face ${style}` }, text("cover-author", author), text("cover-title", name)),
  );
  sized.observe(node);
  return node;
}

/** How a book looks. The first twelve digits of a sku are often the same, so all of it counts. */
export function look(sku) {
  let hash = 2166136261;
  for (const character of sku) hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
  hash = (hash ^ (hash >>> 15)) >>> 0;
  return { style: STYLES[hash % STYLES.length], cloth: Math.floor(hash / STYLES.length) % CLOTHS };
}

const shortened = (words) => (words.length > 90 ? `${words.slice(0, 88)}…` : words);

/** Before a cover is painted, and whenever it has another size. */
const sized = new ResizeObserver((entries) => {
  const covers = entries.filter(({ contentRect }) => contentRect.width > 0).map(({ target }) => target);
  const parts = (name) => covers.map((node) => node.querySelector(name));
  fit(parts(".cover-author"), () => AUTHOR_SIZES);
  fit(parts(".cover-title"), ({ textContent }) => TITLE_SIZES.slice(from(textContent.length)));
});

/** The place of the largest size for so much to set: a long title looks better small, even where it had room. */
function from(length) {
  if (length > 46) return TITLE_SIZES.indexOf(9);
  return length > 22 ? TITLE_SIZES.indexOf(11.5) : 0;
}

/** Breaks words only in texts that have no room at any size. */
function fit(texts, sizesOf) {
  for (const text of texts) text.classList.remove("broken");
  const left = shrunk(texts, sizesOf);
  for (const text of left) text.classList.add("broken");
  shrunk(left, (text) => sizesOf(text).filter((size) => size <= LARGEST_BROKEN));
}

/** Answers the texts that have no room at the smallest of their sizes. All are tried together: a layout for each size. */
function shrunk(texts, sizesOf) {
  let open = texts.map((text) => ({ text, sizes: sizesOf(text) }));
  const left = [];
  for (let i = 0; open.length > 0; i += 1) {
    for (const { text, sizes } of open) text.style.setProperty("--size", sizes[i]);
    open = open.filter(({ text }) => !hasRoom(text));
    left.push(...open.filter(({ sizes }) => i + 1 === sizes.length).map(({ text }) => text));
    open = open.filter(({ sizes }) => i + 1 < sizes.length);
  }
  return left;
}

const hasRoom = (text) => text.scrollWidth <= text.clientWidth && text.scrollHeight <= text.clientHeight;
