/** Covers: the product's own image if it is served from here, else one set in type, the same for a book each time. */

import { BASE } from "../shared/api.js";
import { el } from "../shared/dom.js";

const STYLES = ["band", "frame", "label", "plain"];
const CLOTHS = 8;

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
  const title = el("span", { class: `cover-title ${size(name)}` }, shortened(name));
  title.style.setProperty("--longest", longest(name));
  return el(
    "span",
    { class: `cover cloth-${cloth}`, "aria-hidden": "true" },
    el("span", { class: `face ${style}` }, el("span", { class: "cover-author" }, author), title),
  );
}

/** How a book looks. The first twelve digits of a sku are often the same, so all of it counts. */
export function look(sku) {
  let hash = 2166136261;
  for (const character of sku) hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
  hash = (hash ^ (hash >>> 15)) >>> 0;
  return { style: STYLES[hash % STYLES.length], cloth: Math.floor(hash / STYLES.length) % CLOTHS };
}

/** By how much there is to set; the style sheet makes it smaller where the longest word would not fit its line. */
function size(name) {
  if (name.length > 46) return "small";
  return name.length > 22 ? "medium" : "large";
}

const longest = (name) => Math.max(1, ...name.split(/\s+|(?<=-)/).map((word) => word.length));

const shortened = (name) => (name.length > 90 ? `${name.slice(0, 88)}…` : name);
